// What require() takes in a fresh process, with the first use of a member if one is named:
// `start-up.cjs MODULE[.MEMBER]`. A line "NANOSECONDS CPU-NANOSECONDS" out.
const [name, member] = process.argv[2].split('.');
const cpu = process.cpuUsage();
const started = process.hrtime.bigint();
const loaded = require(name);
const used = member === undefined ? loaded : loaded[member];
const wall = process.hrtime.bigint() - started;
const { user, system } = process.cpuUsage(cpu);
if (used === undefined) throw new Error('nothing was loaded');
console.log(`${wall} ${(user + system) * 1000}`);
process.exit();
