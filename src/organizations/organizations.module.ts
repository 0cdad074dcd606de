import { Global, Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { AccessTokens } from './access-tokens.service.js';
import { AdminTokensService } from './admin-tokens.service.js';
import { CertificatesWatcher } from './certificates.watcher.js';
import { ClientAuthenticator } from './client-authenticator.service.js';
import { ClientNotes } from './client-notes.service.js';
import { ClientQuirks } from './client-quirks.service.js';
import { ClientSecrets } from './client-secrets.service.js';
import { ConnectionSchemas } from './connection-schemas.service.js';
import { ConnectionsService } from './connections.service.js';
import { DomainsService, TxtRecords } from './domains.service.js';
import { HomeRealmReader } from './home-realm.reader.js';
import { IdpMetadataService } from './idp-metadata.service.js';
import { MetadataRefresher } from './metadata-refresher.service.js';
import { MetadataSources } from './metadata-sources.service.js';
import { OrganizationsService } from './organizations.service.js';
import { RequestLimiter } from './request-limiter.service.js';
import { ScimClientsService } from './scim-clients.service.js';
import { ScimTokensService } from './scim-tokens.service.js';
import { SpKeyPairs } from './sp-key-pairs.service.js';
import { SpKeys } from './sp-keys.service.js';
import { TenantFactsReader } from './tenant-facts.reader.js';
import { Vault } from './vault.service.js';

const SERVICES = [
  OrganizationsService,
  ConnectionsService,
  ConnectionSchemas,
  ScimTokensService,
  ScimClientsService,
  AccessTokens,
  ClientAuthenticator,
  ClientNotes,
  RequestLimiter,
  AdminTokensService,
  DomainsService,
  HomeRealmReader,
  IdpMetadataService,
  MetadataSources,
  MetadataRefresher,
  TenantFactsReader,
  ClientQuirks,
  SpKeys,
  SpKeyPairs,
  Vault,
];

/**
 * Tenants: organizations, their connections to IdPs, the tokens of provisioning clients and operators, and e-mail domains.
 * Owns organizations, connections, metadata_sources, client_quirks, scim_tokens, scim_clients, client_secrets, access_tokens,
 * used_client_assertions, request_levels, admin_tokens, domains, verified_domains, data_keys, sp_keys,
 * certificate_warnings.
 * Invariants: at most two live SCIM tokens a connection; a verified domain belongs to one organization; a connection that cannot
 * be used is disabled, never the server. Must not import the directory or anything above it.
 */
@Global()
@Module({
  imports: [AuditModule, OutboxModule],
  providers: [...SERVICES, ClientSecrets, TxtRecords, CertificatesWatcher],
  exports: SERVICES,
})
export class OrganizationsModule {}
