// The program that runs under callgrind: `program.mjs CALL…`.
import { calls } from './calls.mjs';

for (const name of process.argv.slice(2)) calls[name]();
