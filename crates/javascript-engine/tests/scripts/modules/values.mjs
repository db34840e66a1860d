export const one = 1; export default "default"; export let counter = 0; export const count = () => { counter += 1; };
