// SPDX-License-Identifier: MPL-2.0

import type { SimulatedClient } from './simulated-client';

/** The exchange that a simulated client repeats, and its preparation. */
export interface Scenario {
  readonly name: ScenarioName;
  /** One line for the help text. */
  readonly description: string;
  /** Before the measurement. @returns whether the client is ready */
  prepare(client: SimulatedClient): Promise<boolean>;
  /** The exchange that is measured. @returns whether the server has served it to the end */
  run(client: SimulatedClient): Promise<boolean>;
}

export const scenarioNames = ['authenticate', 'four-way', 'renew', 'newcomer'] as const;

export type ScenarioName = (typeof scenarioNames)[number];

const authenticated = (client: SimulatedClient): Promise<boolean> => client.conversation.authenticate();

/** The client's context is open once an answer in it has come. */
const leased = async (client: SimulatedClient): Promise<boolean> =>
  (await authenticated(client)) && (await client.fourWay());

const definitions: Record<ScenarioName, Omit<Scenario, 'name'>> = {
  authenticate: {
    description: 'Encrypted-Request and the announcement of the key, or the signed Solicit and its answer',
    prepare: () => Promise.resolve(true),
    run: authenticated,
  },
  'four-way': {
    description: 'Solicit, Advertise, Request, Reply of a client whose context is open',
    prepare: leased,
    run: (client) => client.fourWay(),
  },
  renew: {
    description: 'Renew and Reply of a client that has its lease',
    prepare: leased,
    run: (client) => client.renew(),
  },
  newcomer: {
    description:
      "the server's key, and the four messages after it, from clients that the server has not seen",
    prepare: () => Promise.resolve(true),
    run: leased,
  },
};

/** @param freshContexts every exchange opens a context of its own */
export function scenario(name: ScenarioName, freshContexts: boolean): Scenario {
  const definition = definitions[name];
  const run = freshContexts
    ? (client: SimulatedClient): Promise<boolean> => {
        client.conversation.reopen();
        return definition.run(client);
      }
    : definition.run;
  return { name, ...definition, run };
}

export function scenarioHelp(): string {
  return scenarioNames.map((name) => `  ${name.padEnd(14)}${definitions[name].description}`).join('\n');
}
