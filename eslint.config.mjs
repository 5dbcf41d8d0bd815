import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build', 'coverage', 'dist', 'out'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Overloads carry a doc each, and a family's name is told apart from other strings.
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // The addon's functions have no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // The addon's loader is CommonJS, `import x = require(…)` its form in TypeScript.
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: globals.node },
  },
  prettier,
);
