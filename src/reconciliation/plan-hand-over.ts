import type { HandedPerson, HandOverChoice } from '../directory/hand-overs.reader.js';
import type { HandedTo } from '../directory/hand-overs.writer.js';
import type { Differences } from './describe-changes.js';

/**
 * plan-hand-over: what becomes of people when authority moves between sign-ins and a SCIM client (design section 5).
 *
 * | choice | scim becomes | people of the connection | groups of its SCIM client |
 * |---|---|---|---|
 * | to-scim | on | JIT people stay as they are until the client names them, and are remembered | - |
 * | freeze | off | stay under SCIM, whom no sign-in changes | stay |
 * | to-jit | off | JIT: profile and groups follow the next sign-in | made by hand: sign-ins and operators may change them |
 * | to-manual | off | made by hand: only operators change them | made by hand |
 * | deactivate | off | are deactivated, but for break-glass people | stay |
 */

export interface HandOverPlan {
  readonly choice: HandOverChoice;
  readonly scim: boolean;
  readonly to: HandedTo;
  /** Those who are remembered, each with old and new value of what changes. */
  readonly people: readonly { readonly id: string; readonly userName: string; readonly changes: Differences }[];
  readonly kept: readonly { readonly id: string; readonly userName: string; readonly because: 'break-glass' }[];
  readonly groups: readonly { readonly id: string; readonly displayName: string }[];
}

const TO: Readonly<Record<HandOverChoice, HandedTo>> = {
  'to-scim': {},
  freeze: {},
  'to-jit': { provenance: 'jit' },
  'to-manual': { provenance: 'manual', connectionId: null },
  deactivate: { active: false },
};

/** Whose people a choice is about. */
export const handedFrom = (choice: HandOverChoice): 'jit' | 'scim' => (choice === 'to-scim' ? 'jit' : 'scim');

export function planHandOver(
  choice: HandOverChoice,
  people: readonly HandedPerson[],
  groups: HandOverPlan['groups'],
): HandOverPlan {
  const to = TO[choice];
  const concerned = choice === 'freeze' ? [] : people.filter(({ active }) => choice !== 'deactivate' || active);
  const stays = ({ breakGlass }: HandedPerson) => choice === 'deactivate' && breakGlass;
  return {
    choice,
    scim: choice === 'to-scim',
    to,
    people: concerned
      .filter((person) => !stays(person))
      .map((person) => ({ id: person.id, userName: person.userName, changes: changesOf(person, to) })),
    kept: concerned.filter(stays).map(({ id, userName }) => ({ id, userName, because: 'break-glass' })),
    groups: choice === 'to-jit' || choice === 'to-manual' ? groups : [],
  };
}

function changesOf(person: HandedPerson, to: HandedTo): Differences {
  const names = ['provenance', 'connectionId', 'active'] as const;
  const changed = names.filter((name) => to[name] !== undefined && to[name] !== person[name]);
  return Object.fromEntries(changed.map((name) => [name, [person[name], to[name]] as const]));
}
