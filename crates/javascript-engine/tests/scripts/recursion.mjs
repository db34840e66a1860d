const f = (n) => f(n + 1) + 1;
try { f(0); } catch (e) { console.log(e.name, e.message); }
const g = (n) => (n === 0 ? 0 : 1 + g(n - 1));
console.log(g(5000));
const deep = []; let at = deep; for (let i = 0; i < 100000; i += 1) { at.push([]); at = at[0]; }
console.log(deep);
