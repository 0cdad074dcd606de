import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { Origin, Subject } from './directory-types.js';

/** One person's reasons to be in one group, before and after; none: not a member. */
export interface MembershipStep {
  readonly groupId: string;
  readonly userId: string;
  readonly before: readonly Origin[];
  readonly after: readonly Origin[];
}

/** Whom a subject led to, before (null: nobody) and after. */
export interface IdentityStep {
  readonly connectionId: string;
  readonly subject: Subject;
  readonly before: string | null;
  readonly after: string;
}

export interface Steps {
  readonly memberships: readonly MembershipStep[];
  readonly identities: readonly IdentityStep[];
}

/**
 * What the writers did to memberships and identities in an open transaction, with the state before. Only the statement that writes
 * knows that state, and whoever announces the transaction takes it from here: no writer can forget to tell, whoever calls it.
 */
@Injectable()
export class Trail {
  private readonly open = new WeakMap<Transaction, { memberships: MembershipStep[]; identities: IdentityStep[] }>();

  noteMemberships(tx: Transaction, steps: readonly MembershipStep[]): void {
    const { memberships } = this.of(tx);
    for (const step of steps) memberships.push(step);
  }

  noteIdentity(tx: Transaction, step: IdentityStep): void {
    this.of(tx).identities.push(step);
  }

  /** Everything since the last time, in the order in which it was done. */
  take(tx: Transaction): Steps {
    const steps = this.of(tx);
    this.open.delete(tx);
    return steps;
  }

  private of(tx: Transaction) {
    const found = this.open.get(tx) ?? { memberships: [], identities: [] };
    this.open.set(tx, found);
    return found;
  }
}
