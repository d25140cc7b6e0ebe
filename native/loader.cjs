// SPDX-License-Identifier: MPL-2.0
'use strict';

/**
 * Loads the modules of src for the programs in dist, each when it is first used, from one file that pack.mjs has made. Node.js
 * would look for each of them on disk, which takes most of the time that a program takes to start.
 *
 * The file stays open: a program that runs while another version is installed goes on with its own.
 */
const { openSync, readFileSync, readSync } = require('node:fs');
const { join } = require('node:path');
const { compileFunction } = require('node:vm');

/** Where each module is in the file of them, by number: its name, its first octet and how many it has. */
const places = JSON.parse(readFileSync(join(__dirname, 'modules.json'), 'utf8'));
const file = openSync(join(__dirname, 'modules.txt'));
const loaded = [];

function load(number) {
  return (loaded[number] ?? run(number, { exports: {} }, require)).exports;
}

function run(number, module, require) {
  loaded[number] = module;
  const [name, start, length] = places[number];
  const octets = Buffer.allocUnsafe(length);
  readSync(file, octets, 0, length, start);
  // Not by node:path: so many calls of it would have it compiled by the optimising compiler.
  const filename = `${__dirname}/${name}.js`;
  const parameters = ['module', 'exports', 'require', 'load', '__filename', '__dirname'];
  const body = compileFunction(octets.toString('utf8'), parameters, { filename });
  body(module, module.exports, require, load, filename, filename.slice(0, filename.lastIndexOf('/')));
  return module;
}

/** Runs a program: the module of that name, as the one that Node.js was started with. */
exports.start = (name, module, require) =>
  run(
    places.findIndex(([known]) => known === name),
    module,
    require,
  );
