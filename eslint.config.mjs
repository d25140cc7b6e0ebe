// SPDX-License-Identifier: MPL-2.0
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What each room may use. A room is a folder of src; its face is its index. */
const rooms = {
  dhcpv6: [],
  crypto: ['bridge'],
  bridge: [],
  pki: ['crypto', 'bridge'],
  protocol: ['dhcpv6', 'crypto', 'pki'],
  engine: ['dhcpv6', 'crypto', 'bridge', 'pki', 'protocol'],
  client: ['dhcpv6', 'crypto', 'bridge', 'pki', 'protocol'],
};

const builtins = builtinModules
  .filter((name) => !name.startsWith('_') && !name.startsWith('node:'))
  .map((name) => ({ name, message: `Write node:${name}.` }));

const deepImport = {
  regex: '^\\.\\./(?:\\.\\./)*(?:src/)?(?:dhcpv6|crypto|bridge|pki|protocol|engine|client|cli)/.+',
  message: 'Another room is imported through its index only.',
};

/** Clock, randomness, files and sockets are passed in to protocol logic. */
const ambient = ['fs', 'fs/promises', 'dgram', 'net', 'os', 'child_process', 'worker_threads', 'timers'].map(
  (name) => ({ name: `node:${name}`, message: 'Protocol logic gets files, sockets and clocks passed in.' }),
);

const walls = Object.entries(rooms).map(([room, uses]) => {
  const others = [...Object.keys(rooms), 'cli'].filter((other) => other !== room && !uses.includes(other));
  const pure = ['dhcpv6', 'crypto', 'protocol'].includes(room);
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: pure ? [...builtins, ...ambient] : builtins,
          patterns: [
            deepImport,
            {
              regex: `^\\.\\./(?:\\.\\./)*(?:${others.join('|')})(?:/|$)`,
              message: `src/${room} may use ${uses.length === 0 ? 'no other room' : uses.join(', ')}.`,
            },
          ],
        },
      ],
      ...(pure && {
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'The time is passed in.' },
          { object: 'Math', property: 'random', message: 'Randomness is passed in.' },
          { object: 'process', property: 'env', message: 'Settings are passed in.' },
        ],
      }),
    },
  };
});

export default defineConfig(
  { ignores: ['dist/', 'build/', 'coverage/', 'node_modules/', 'test/vectors/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // noPropertyAccessFromIndexSignature decides where brackets are used.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: true }],
      'no-restricted-imports': ['error', { paths: builtins, patterns: [deepImport] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a const object and its union type.' },
      ],
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-fallthrough': 'error',
      'no-param-reassign': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',
    },
  },
  ...walls,
  {
    // Only the command talks to the terminal; everything else returns values or takes a logger.
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: { 'no-console': 'error' },
  },
  {
    // Tests look inside rooms and build malformed values on purpose.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Jest's asymmetric matchers (expect.any, expect.objectContaining) are typed any.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'no-restricted-imports': ['error', { paths: builtins }],
    },
  },
  {
    files: ['**/*.cjs', '**/*.mjs', '**/*.js'],
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
);
