/** docs/features.md: what it says of this package is there, and no cell of its column is empty. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../lib/index';
import * as raw from '../lib/raw';

const rows = readFileSync(join(__dirname, '../docs/features.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\|( -+ \|)+$/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, , ours]) => ours !== 'bsd-sockets');

const classes = Object.values(library).filter((value) => typeof value === 'function');
/** Of the classes, their instances and all that they inherit. */
const members = new Set<string>();
for (const one of classes) {
  for (let at: unknown = one; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (at === Function.prototype) break;
    for (const name of Object.getOwnPropertyNames(at)) members.add(name);
    const prototype = (at as { prototype?: object }).prototype ?? {};
    for (const name of Object.getOwnPropertyNames(prototype)) members.add(name);
  }
}

function isThere(name: string): boolean {
  const [first = '', second] = name.split('.');
  if (first === 'raw') return second !== undefined && second in raw;
  if (second !== undefined) {
    const owner = (library as Record<string, unknown>)[first];
    return typeof owner === 'function' && second in owner;
  }
  return first in library || first in library.constants || members.has(first);
}

/** Types and the names of arguments, which are nothing at run time. */
const others = ['SocketBufVec', 'cid', 'ipV6Only'];

test.each(rows)('%s%s', (_, _feature, ours = '') => {
  expect(ours).not.toMatch(/^[–-]?$/);
  const names = [...ours.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !isThere(name) && !others.includes(name))).toEqual([]);
});
