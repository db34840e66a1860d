// exit: 1
Promise.reject({ why: "no error" });
