// SPDX-License-Identifier: MPL-2.0

import { InvalidArgumentError } from 'commander';

/** A parser of digits and nothing else: no sign, exponent or fraction. @throws InvalidArgumentError */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return parser(/^\d+$/, 'a whole number', minimum, maximum);
}

/** A parser of digits, with a fraction or without: no sign or exponent. @throws InvalidArgumentError */
export function decimal(minimum: number, maximum: number): (text: string) => number {
  return parser(/^(?:\d+(?:\.\d*)?|\.\d+)$/, 'a number', minimum, maximum);
}

function parser(form: RegExp, kind: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!form.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`${kind} from ${minimum} to ${maximum} is expected`);
    }
    return value;
  };
}
