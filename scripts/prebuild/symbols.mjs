/** What a binary says of itself, read by LLVM's tools, which know the formats of all systems. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

function lines(tool, ...args) {
  return execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1e8 }).split('\n');
}

/** The texts of a pattern's group in all lines that have it. */
function found(text, pattern) {
  return text.flatMap((line) => pattern.exec(line)?.[1] ?? []);
}

/** What these objects want and none of them has. */
export function undefinedNames(objects) {
  const text = lines('llvm-nm', ...objects);
  const has = new Set(found(text, / [A-TV-Zac-uz] (\S+)$/));
  return [...new Set(found(text, / U (\S+)$/))].filter((name) => !has.has(name)).sort();
}

const readers = {
  linux(file) {
    const text = lines('llvm-nm', '-D', file);
    return {
      libraries: found(lines('llvm-readobj', '--needed-libs', file), /^ {2}(\S+)$/),
      open: found(text, / [Uw] (\S+)$/),
      exported: found(text, / [A-TVWi] (\S+)$/),
    };
  },
  darwin(file) {
    const text = lines('llvm-nm', '-m', file).map((line) => line.replace(/ _(\S+)/, ' $1'));
    const commands = lines('llvm-objdump', '--macho', '--private-headers', file);
    return {
      libraries: found(commands, /^\s+name (\S+\.dylib)/),
      open: found(text, /\(undefined\).* external (\S+) \(dynamically looked up\)/),
      exported: found(text, /^\S+ \(\S+\) external (\S+)/),
      isSigned: commands.some((line) => line.includes('LC_CODE_SIGNATURE')),
    };
  },
  win32(file) {
    const text = lines('llvm-readobj', '--coff-imports', '--coff-exports', file);
    const exports = text.findIndex((line) => line.startsWith('Export {'));
    const exported = found(text.slice(exports), /^ {2}Name: (\S+)/);
    const named = readFileSync(file, 'latin1').match(/\b(napi|node_api|uv)_\w+(?=\0)/g) ?? [];
    return {
      libraries: found(text.slice(0, exports), /^ {2}Name: (\S+)/),
      open: named.filter((name) => !exported.includes(name)),
      exported,
    };
  },
};

/**
 * `libraries` that are loaded with the binary, names that stay `open` until then (on Windows those
 * that it asks Node for), names that it has `exported`.
 */
export function symbols(target, file) {
  return readers[target.system](file);
}
