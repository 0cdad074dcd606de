import { Module } from '@nestjs/common';
import { CandidatesReader } from './candidates.reader.js';
import { DirectoryReader } from './directory.reader.js';
import { DirectoryWriter } from './directory.writer.js';
import { MembershipsWriter } from './memberships.writer.js';

/**
 * People, groups, memberships and the subjects they sign in with. Owns users, identities, groups, memberships.
 * Invariant: every statement names the organization; the writers serve reconciliation alone (rule R3).
 */
@Module({
  providers: [DirectoryReader, CandidatesReader, DirectoryWriter, MembershipsWriter],
  exports: [DirectoryReader, CandidatesReader, DirectoryWriter, MembershipsWriter],
})
export class DirectoryModule {}
