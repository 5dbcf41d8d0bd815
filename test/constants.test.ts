/** The constants: TypeScript's list against the addon's, and values against Python's. */
import { execFileSync } from 'node:child_process';
import { commonNames, constants, linuxNames, posixNames, windowsNames } from '../lib/constants';

const native = Object.keys(constants);
const allNames = [...commonNames, ...posixNames, ...linuxNames, ...windowsNames];

test('every name of the addon stands in the TypeScript list', () => {
  const listed = new Set<string>(allNames);
  expect(native.filter((name) => !listed.has(name))).toEqual([]);
});

test('every name of the platform stands in the addon', () => {
  const wanted = {
    linux: [...commonNames, ...posixNames, ...linuxNames],
    win32: [...commonNames, ...windowsNames],
  }[process.platform as string] ?? [...commonNames, ...posixNames];
  expect(wanted.filter((name) => !native.includes(name))).toEqual([]);
});

test('no name stands twice', () => {
  expect(new Set(allNames).size).toBe(allNames.length);
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
