/**
 * The members' part of a PATCH of a group folded into what it does to the members, without the members: a group of 50,000 is never
 * loaded to change one.
 */
import type { Filter } from '../protocol/filter/filter.js';
import { noTarget } from '../protocol/scim-error.js';
import { anotherMember, type MemberStep } from './member-steps.js';

export interface FoldedMembers {
  /** Set exactly these, then add and remove; absent: the present members stay. */
  readonly replace?: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Who fulfils each filter, of the members and of those whom the steps name. */
export type Chosen = ReadonlyMap<Filter, readonly string[]>;

/** `add` and `remove` are disjoint. Throws ScimError. */
export function foldMembers(steps: readonly MemberStep[], chosen: Chosen = new Map()): FoldedMembers {
  const fold = new Fold();
  for (const step of steps) {
    switch (step.kind) {
      case 'add':
        fold.add(step.ids);
        break;
      case 'remove':
        fold.remove(step.ids);
        break;
      case 'replace':
        fold.replaceAll(step.ids);
        break;
      case 'remove-where':
        fold.remove(chosen.get(step.filter) ?? []);
        break;
      case 'keep-where':
        fold.keep(chosen.get(step.filter) ?? [], step.ids);
    }
  }
  return fold.result();
}

class Fold {
  private replaced: Set<string> | undefined;
  private readonly added = new Set<string>();
  private readonly removed = new Set<string>();

  result(): FoldedMembers {
    if (this.replaced) return { replace: [...this.replaced], add: [], remove: [] };
    return { add: [...this.added], remove: [...this.removed] };
  }

  add(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.replaced) this.replaced.add(id);
      else {
        this.removed.delete(id);
        this.added.add(id);
      }
    }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.replaced) this.replaced.delete(id);
      else {
        this.added.delete(id);
        this.removed.add(id);
      }
    }
  }

  replaceAll(ids: readonly string[]): void {
    this.replaced = new Set(ids);
    this.added.clear();
    this.removed.clear();
  }

  /** Nothing of a member can be changed, so that the value may only say who they are. */
  keep(chosen: readonly string[], given: readonly string[]): void {
    const present = chosen.filter((id) => (this.replaced ? this.replaced.has(id) : !this.removed.has(id)));
    // "... the service provider SHALL indicate failure by returning ... "noTarget"" (RFC 7644 section 3.5.2.3)
    if (present.length === 0) throw noTarget('No member matches the filter of the path');
    if (given.some((id) => !present.includes(id))) throw anotherMember();
  }
}
