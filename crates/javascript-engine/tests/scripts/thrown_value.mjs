// exit: 1
throw { code: 5, list: [1] };
