import { Foundation1764000000000 } from './1764000000000-foundation.js';
import { ClientQuirks1764110000000 } from './1764110000000-client-quirks.js';
import { ExtensionSchemas1764120000000 } from './1764120000000-extension-schemas.js';
import { DefaultGroups1764130000000 } from './1764130000000-default-groups.js';
import { DirectoryAtSize1764131000000 } from './1764131000000-directory-at-size.js';
import { ClientLimits1764140000000 } from './1764140000000-client-limits.js';
import { ScimClients1764141000000 } from './1764141000000-scim-clients.js';
import { Guards1764160000000 } from './1764160000000-guards.js';
import { WaitingReferences1764161000000 } from './1764161000000-waiting-references.js';
import { DataKeys1764170000000 } from './1764170000000-data-keys.js';
import { HandOvers1764180000000 } from './1764180000000-hand-overs.js';
import { ChangeLog1764190000000 } from './1764190000000-change-log.js';
import { EmptiedPeople1764200000000 } from './1764200000000-emptied-people.js';
import { Measurements1764200100000 } from './1764200100000-measurements.js';
import { SpKeys1764220000000 } from './1764220000000-sp-keys.js';
import { CertificateWarnings1764220100000 } from './1764220100000-certificate-warnings.js';
import { TokensOfSecrets1764195000000 } from './1764195000000-tokens-of-secrets.js';
import { IdpMetadata1764230000000 } from './1764230000000-idp-metadata.js';
import { SamlBounds1764240000000 } from './1764240000000-saml-bounds.js';
import { SignInRoutes1764250000000 } from './1764250000000-sign-in-routes.js';
import { SessionLifetimes1764260000000 } from './1764260000000-session-lifetimes.js';
import { ChangesOfAClient1764210000000 } from './1764210000000-changes-of-a-client.js';
import { RecoveryCodes1764250100000 } from './1764250100000-recovery-codes.js';
import { SingleLogout1764260100000 } from './1764260100000-single-logout.js';
import { SignInDetails1764270000000 } from './1764270000000-sign-in-details.js';
import { SentNames1764260200000 } from './1764260200000-sent-names.js';
import { RecordsByAge1764290000000 } from './1764290000000-records-by-age.js';
import { QuestionsOfSignIns1764300000000 } from './1764300000000-questions-of-sign-ins.js';
import { IncidentsOfLogouts1764330000000 } from './1764330000000-incidents-of-logouts.js';
import { AnalyzedEarly1764340000000 } from './1764340000000-analyzed-early.js';

/** In order. A list instead of a pattern over files: node, Jest and the TypeORM command see the same migrations. */
export const MIGRATIONS = [
  Foundation1764000000000,
  // Each on a line of its own.
  ClientQuirks1764110000000,
  ExtensionSchemas1764120000000,
  DefaultGroups1764130000000,
  DirectoryAtSize1764131000000,
  ClientLimits1764140000000,
  ScimClients1764141000000,
  Guards1764160000000,
  WaitingReferences1764161000000,
  DataKeys1764170000000,
  HandOvers1764180000000,
  ChangeLog1764190000000,
  EmptiedPeople1764200000000,
  Measurements1764200100000,
  SpKeys1764220000000,
  CertificateWarnings1764220100000,
  TokensOfSecrets1764195000000,
  IdpMetadata1764230000000,
  SamlBounds1764240000000,
  SignInRoutes1764250000000,
  SessionLifetimes1764260000000,
  ChangesOfAClient1764210000000,
  RecoveryCodes1764250100000,
  SingleLogout1764260100000,
  SignInDetails1764270000000,
  SentNames1764260200000,
  RecordsByAge1764290000000,
  QuestionsOfSignIns1764300000000,
  IncidentsOfLogouts1764330000000,
  AnalyzedEarly1764340000000,
];
