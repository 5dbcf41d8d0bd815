/** The constants: TypeScript's list against the addon's, and values against Python's. */
import { execFileSync } from 'node:child_process';
import { constants, linuxNames, posixNames } from '../lib/constants';

const native = Object.keys(constants);

test('every name of the addon stands in the TypeScript list', () => {
  const listed = new Set<string>([...posixNames, ...linuxNames]);
  expect(native.filter((name) => !listed.has(name))).toEqual([]);
});

test('every name of the platform stands in the addon', () => {
  const wanted = process.platform === 'linux' ? [...posixNames, ...linuxNames] : [...posixNames];
  expect(wanted.filter((name) => !native.includes(name))).toEqual([]);
});

test('no name stands twice', () => {
  const all = [...posixNames, ...linuxNames];
  expect(new Set(all).size).toBe(all.length);
});

test('Python has the same values', () => {
  const source =
    'import socket, errno, select, json; ' +
    'all = {**vars(socket), **vars(errno), **vars(select)}; ' +
    'print(json.dumps({k: int(v) for k, v in all.items() if k.isupper() and isinstance(v, int)}))';
  const python = JSON.parse(
    execFileSync('python3', ['-c', source], { encoding: 'utf8' }),
  ) as Record<string, number>;
  const common = native.filter((name) => name in python);
  expect(common.length).toBeGreaterThan(200);
  const ours = constants as Record<string, number>;
  const mask = 0xffffffff;
  const different = common.filter(
    (name) => ((ours[name] ?? 0) & mask) !== ((python[name] ?? 0) & mask),
  );
  expect(different).toEqual([]);
});

test('the table is frozen', () => {
  expect(Object.isFrozen(constants)).toBe(true);
});
