/* What the classifying macros of mingw-w64's <math.h> call. ucrtbase.dll has
   functions for this under other names and with other results. */

/* FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO of that header. */
#define CLASSIFY(x) __builtin_fpclassify(0x100, 0x500, 0x400, 0x4400, 0x4000, x)

int __fpclassify(double x) { return CLASSIFY(x); }
int __fpclassifyf(float x) { return CLASSIFY(x); }
int __fpclassifyl(long double x) { return CLASSIFY(x); }
int __isnan(double x) { return __builtin_isnan(x); }
int __isnanf(float x) { return __builtin_isnan(x); }
int __isnanl(long double x) { return __builtin_isnan(x); }
int __signbit(double x) { return __builtin_signbit(x) != 0; }
int __signbitf(float x) { return __builtin_signbitf(x) != 0; }
int __signbitl(long double x) { return __builtin_signbitl(x) != 0; }
