// What require() takes in a fresh process, with the first use of a member if one is named:
// `start-up.cjs MODULE[.MEMBER]`. A line "NANOSECONDS CPU-NANOSECONDS" out.
const [module, member] = process.argv[2].split('.');
const cpu = process.cpuUsage();
const started = process.hrtime.bigint();
const loaded = require(module);
if (member !== undefined) loaded[member];
const wall = process.hrtime.bigint() - started;
const { user, system } = process.cpuUsage(cpu);
console.log(`${wall} ${(user + system) * 1000}`);
process.exit();
