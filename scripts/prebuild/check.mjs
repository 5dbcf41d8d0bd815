/**
 * Whether prebuilds/ (or another folder, the argument) is fit to be published: a binary for each
 * target, each past its gates, and nothing else. Says what is not, and fails.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv } from 'node:process';
import { faultsOf } from './gates.mjs';
import { symbols } from './symbols.mjs';
import { folder, targets } from './targets.mjs';
import { installToolchain } from './toolchain.mjs';

const root = argv[2] ?? folder;

function faultsOfTarget(target) {
  const file = join(root, target.file);
  return existsSync(file) ? faultsOf(target, symbols(target, file)) : ['is missing'];
}

function strangers() {
  if (!existsSync(root)) return [];
  const known = new Set(targets.map(({ file }) => join(file)));
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !known.has(file));
}

await installToolchain();
const faults = [
  ...targets.flatMap((target) => faultsOfTarget(target).map((fault) => `${target.name} ${fault}`)),
  ...strangers().map((file) => `${file} is of no target`),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${targets.length} binaries, past their gates`);
