import { Module } from '@nestjs/common';
import { CandidatesReader } from './candidates.reader.js';
import { DirectoryReader } from './directory.reader.js';
import { DirectoryWriter } from './directory.writer.js';
import { DirectorySearchReader } from './directory-search.reader.js';
import { GroupMembersReader } from './group-members.reader.js';
import { MembershipsWriter } from './memberships.writer.js';

/**
 * People, groups, memberships and the subjects they sign in with. Owns users, identities, groups, memberships.
 * Invariant: every statement names the organization; the writers serve reconciliation alone (rule R3).
 */
@Module({
  providers: [
    DirectoryReader,
    DirectorySearchReader,
    GroupMembersReader,
    CandidatesReader,
    DirectoryWriter,
    MembershipsWriter,
  ],
  exports: [
    DirectoryReader,
    DirectorySearchReader,
    GroupMembersReader,
    CandidatesReader,
    DirectoryWriter,
    MembershipsWriter,
  ],
})
export class DirectoryModule {}
