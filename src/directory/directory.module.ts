import { Module } from '@nestjs/common';
import { CandidatesReader } from './candidates.reader.js';
import { DirectoryReader } from './directory.reader.js';
import { DirectoryWriter } from './directory.writer.js';
import { DirectorySearchReader } from './directory-search.reader.js';
import { DriftReader } from './drift.reader.js';
import { GroupContentReader } from './group-content.reader.js';
import { ExtensionValuesReader } from './extension-values.reader.js';
import { GroupMembersReader } from './group-members.reader.js';
import { GuardsReader } from './guards.reader.js';
import { GuardsWriter } from './guards.writer.js';
import { HandOversReader } from './hand-overs.reader.js';
import { HandOversWriter } from './hand-overs.writer.js';
import { HeldRemovalsReader } from './held-removals.reader.js';
import { HeldRemovalsWriter } from './held-removals.writer.js';
import { MemberChoicesReader } from './member-choices.reader.js';
import { Trail } from './trail.service.js';
import { SignInReader } from './sign-in.reader.js';
import { TakeOverReader } from './take-over.reader.js';
import { WaitingMembersReader } from './waiting-members.reader.js';
import { WaitingMembersWriter } from './waiting-members.writer.js';
import { WholeStateReader } from './whole-state.reader.js';
import { WholeStateWriter } from './whole-state.writer.js';
import { MembershipsWriter } from './memberships.writer.js';
import { UniqueValuesWriter } from './unique-values.writer.js';

const PROVIDERS = [
  Trail,
  DirectoryReader,
  DirectorySearchReader,
  GroupContentReader,
  GroupMembersReader,
  MemberChoicesReader,
  WholeStateReader,
  WholeStateWriter,
  CandidatesReader,
  SignInReader,
  GuardsReader,
  HandOversReader,
  HandOversWriter,
  HeldRemovalsReader,
  TakeOverReader,
  DriftReader,
  WaitingMembersReader,
  ExtensionValuesReader,
  DirectoryWriter,
  MembershipsWriter,
  GuardsWriter,
  HeldRemovalsWriter,
  WaitingMembersWriter,
  UniqueValuesWriter,
];

/**
 * People, groups, memberships and the subjects they sign in with, and what guards count and hold of them. Owns users, identities,
 * groups, memberships, guard_states, access_ends, group_resets, held_removals, waiting_members, unique_values, hand_overs,
 * hand_over_changes.
 * Invariant: every statement names the organization; the writers serve reconciliation alone (rule R3).
 */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class DirectoryModule {}
