// SPDX-License-Identifier: MPL-2.0
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** What each room may use. A room is a folder of src; its face is its index. ARCHITECTURE.md has the plan of the house. */
const rooms = {
  support: [],
  bridge: ['support'],
  dhcpv6: ['support'],
  crypto: ['support', 'bridge'],
  pki: ['support', 'crypto', 'bridge'],
  protocol: ['support', 'dhcpv6', 'crypto', 'pki'],
  client: ['support', 'dhcpv6', 'crypto', 'bridge', 'pki', 'protocol'],
  engine: ['support', 'dhcpv6', 'crypto', 'bridge', 'pki', 'protocol'],
  perf: ['support', 'dhcpv6', 'crypto', 'pki', 'protocol', 'client'],
};

/** The floors inside a room, from the ground up: a folder uses those below it, and of one floor none uses the other. */
const floors = {
  client: [['exchange'], ['servers'], ['lease'], ['clear'], ['apply'], ['daemon']],
  engine: [
    ['packet'],
    ['admission', 'encryption-keys', 'key-table'],
    ['clients'],
    ['settings'],
    ['kea-config', 'trust'],
    ['metrics'],
    ['handlers'],
    ['commands'],
    ['process'],
  ],
};

const builtins = builtinModules
  .filter((name) => !name.startsWith('_') && !name.startsWith('node:'))
  .map((name) => ({ name, message: `Write node:${name}.` }));

const deepImport = {
  regex: `^\\.\\./(?:\\.\\./)*(?:src/)?(?:${[...Object.keys(rooms), 'cli'].join('|')})/(?!ignore-sigusr1$).+`,
  message: 'Another room is imported through its index only.',
};

/** Clock, randomness, files and sockets are passed in to protocol logic. */
const ambient = ['fs', 'fs/promises', 'dgram', 'net', 'os', 'child_process', 'worker_threads', 'timers'].map(
  (name) => ({ name: `node:${name}`, message: 'Protocol logic gets files, sockets and clocks passed in.' }),
);

/** @param above folders of the room itself that a folder of it may not use */
function wall(room, files, above = []) {
  const uses = rooms[room];
  const others = [...Object.keys(rooms), 'cli'].filter((other) => other !== room && !uses.includes(other));
  const pure = ['dhcpv6', 'crypto', 'protocol'].includes(room);
  const patterns = [
    deepImport,
    {
      // Two levels up at the least from a folder of a room: a folder may have a room's name.
      regex: `^(?:\\.\\./)${above.length > 0 ? '{2,}' : '+'}(?:${others.join('|')})(?:/|$)`,
      message: `src/${room} may use ${uses.length === 0 ? 'no other room' : uses.join(', ')}.`,
    },
  ];
  if (above.length > 0) {
    patterns.push({
      regex: `^\\.\\./(?:${above.join('|')})(?:/|$)`,
      message: `This folder stands below ${above.join(', ')}.`,
    });
  }
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { paths: pure ? [...builtins, ...ambient] : builtins, patterns }],
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
}

const walls = [
  ...Object.keys(rooms).map((room) => wall(room, [`src/${room}/**/*.ts`])),
  ...Object.entries(floors).flatMap(([room, levels]) =>
    levels.flatMap((folders, level) =>
      folders.map((folder) => {
        const above = [levels.slice(level), 'index', 'main'].flat(2).filter((other) => other !== folder);
        return wall(room, [`src/${room}/${folder}/**/*.ts`], above);
      }),
    ),
  ),
];

export default defineConfig(
  { ignores: ['dist/', 'build/', 'coverage/', 'node_modules/', 'test/vectors/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      // One program that holds all of them: by the nearest tsconfig.json, src would be checked in each of five.
      parserOptions: { project: 'test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
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
    // What a docstring says of parameters and errors is there, and in its tags.
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/check-alignment': 'error',
      'jsdoc/check-param-names': ['error', { checkDestructured: false, disableMissingParamChecks: true }],
      'jsdoc/check-property-names': 'error',
      'jsdoc/check-tag-names': ['error', { definedTags: ['sanitized'] }],
      'jsdoc/no-types': 'error',
      'jsdoc/require-param-description': 'error',
      'jsdoc/require-param-name': 'error',
      'jsdoc/require-returns-check': 'error',
    },
  },
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
