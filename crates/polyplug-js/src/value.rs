//! One value of JavaScript that is kept.
// It counts references through QuickJS's C interface.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use rquickjs::qjs;

/// A value, and the context that it is of. Only used inside of the lock of its machine, and dropped before it.
pub(crate) struct JsValue {
    context: NonNull<qjs::JSContext>,
    raw: qjs::JSValue,
}

impl JsValue {
    /// Takes over a reference.
    ///
    /// # Safety
    ///
    /// `raw` is a counted reference of this context, and nobody else gives it back. The context stays longer.
    #[inline]
    pub(crate) unsafe fn owned(context: NonNull<qjs::JSContext>, raw: qjs::JSValue) -> Self {
        Self { context, raw }
    }

    /// Adds a reference.
    ///
    /// # Safety
    ///
    /// `raw` is a value of this context that is there. The context stays longer.
    pub(crate) unsafe fn shared(context: NonNull<qjs::JSContext>, raw: qjs::JSValue) -> Self {
        // SAFETY: the caller's promise.
        Self { context, raw: unsafe { qjs::JS_DupValue(context.as_ptr(), raw) } }
    }

    #[inline]
    pub(crate) fn raw(&self) -> qjs::JSValue {
        self.raw
    }

    /// Gives the reference away.
    pub(crate) fn into_raw(self) -> qjs::JSValue {
        std::mem::ManuallyDrop::new(self).raw
    }

    pub(crate) fn tag(&self) -> i32 {
        // SAFETY: it reads the value itself.
        unsafe { qjs::JS_VALUE_GET_NORM_TAG(self.raw) }
    }

    pub(crate) fn is_undefined(&self) -> bool {
        self.tag() == qjs::JS_TAG_UNDEFINED
    }

    pub(crate) fn is_object(&self) -> bool {
        self.tag() == qjs::JS_TAG_OBJECT
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.tag(), qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE)
    }

    pub(crate) fn is_big(&self) -> bool {
        matches!(self.tag(), qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT)
    }
}

impl std::fmt::Debug for JsValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsValue").field("tag", &self.tag()).finish_non_exhaustive()
    }
}

impl Clone for JsValue {
    fn clone(&self) -> Self {
        // SAFETY: it is there, and so is the context.
        unsafe { Self::shared(self.context, self.raw) }
    }
}

impl Drop for JsValue {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the reference is its own; what is no reference needs none to be given back.
        unsafe {
            if qjs::JS_VALUE_HAS_REF_COUNT(self.raw) {
                qjs::JS_FreeValue(self.context.as_ptr(), self.raw);
            }
        }
    }
}
