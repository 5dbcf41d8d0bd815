// What require() takes in a fresh process: `start-up.cjs MODULE`. A line "NANOSECONDS
// CPU-NANOSECONDS" out.
const cpu = process.cpuUsage();
const started = process.hrtime.bigint();
require(process.argv[2]);
const wall = process.hrtime.bigint() - started;
const { user, system } = process.cpuUsage(cpu);
console.log(`${wall} ${(user + system) * 1000}`);
process.exit();
