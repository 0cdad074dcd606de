import { AttributeMappingBody, ProvisioningBody } from '../bodies/connection.body.js';
import { SamlOptionsBody, SingleLogoutBody } from '../bodies/saml.body.js';
import { CertificateExpiryView } from './certificate-expiry.view.js';
import { Choice, Flag, Id, Instant, Nested, NestedList, Text } from '../field.decorators.js';

/** What to paste into the IdP. */
export class ServiceProviderView {
  @Text('SAML entity ID, also called audience or identifier')
  entityId!: string;

  @Text('SAML answer address (ACS, reply URL, single sign-on URL)')
  acsUrl!: string;

  @Text('SAML logout address, for both bindings')
  sloUrl!: string;

  @Text('Where the metadata is')
  metadataUrl!: string;

  @Text('Where a person begins to sign in')
  loginUrl!: string;

  @Text('SCIM tenant URL or base URL')
  scimBaseUrl!: string;
}

export class CertificateView {
  @Text('As it stands in the certificate')
  subject!: string;

  @Text('SHA-256 of the certificate')
  fingerprint!: string;

  @Instant('Valid from')
  notBefore!: string;

  @Instant('Valid until; a reminder, IdPs sign on with expired certificates')
  notAfter!: string;

  @Text('In PEM form')
  pem!: string;
}

export class LeavingCertificateView {
  @Text('SHA-256 of the certificate')
  fingerprint!: string;

  @Instant('Since when the metadata no longer has it; believed for another day')
  since!: string;
}

export class HeldEndpointsView {
  @Text('Where browsers would be sent to sign in')
  ssoUrl!: string;

  @Choice(['redirect', 'post'], 'How')
  requestBinding!: 'redirect' | 'post';

  @Nested(SingleLogoutBody, 'Where they would be sent to log out', { nullable: true })
  singleLogout!: object | null;

  @Instant('Since when it waits')
  since!: string;
}

/** Where the metadata is fetched from, and how that goes. */
export class MetadataSourceView {
  @Text('Its address')
  url!: string;

  @Text('SHA-256 of the certificate that must have signed it; null: none has to', { nullable: true })
  signerFingerprint!: string | null;

  @Instant('The last attempt')
  lastFetchedAt!: string;

  @Instant('The last attempt that brought what is known, or said that it is still so')
  lastSucceededAt!: string;

  @Text('What was wrong with the last attempt; null: nothing', { nullable: true })
  lastError!: string | null;

  @Instant('The next attempt, unless connection refresh-metadata is faster')
  nextFetchAt!: string;

  @NestedList(LeavingCertificateView, 'Certificates the metadata no longer has that are still believed')
  leaving!: readonly LeavingCertificateView[];

  @Nested(HeldEndpointsView, 'Addresses at another host, for connection approve-endpoints; null: none', {
    nullable: true,
  })
  held!: HeldEndpointsView | null;
}

export class SamlView extends SamlOptionsBody {
  @Text('The entity ID of the IdP')
  idpEntityId!: string;

  @Text('Where browsers are sent to sign in')
  ssoUrl!: string;

  @NestedList(CertificateView, 'The certificates the IdP signs with')
  certificates!: readonly CertificateView[];

  @Nested(SingleLogoutBody, 'Where the IdP ends sessions of its own; null: nowhere', { nullable: true })
  singleLogout!: object | null;

  @Instant('From then on sign-ins are refused, because the metadata says so of itself; null: never', { nullable: true })
  validUntil!: string | null;

  @Nested(MetadataSourceView, 'Where its metadata is fetched from; null: uploaded, or by hand', { nullable: true })
  metadata!: MetadataSourceView | null;
}

export class ConnectionView {
  @Id('Never changes')
  id!: string;

  @Text('Its name for operators')
  name!: string;

  @Flag('Does it take sign-ins and SCIM requests?')
  enabled!: boolean;

  @Text("Why it does not: an operator's word, or the fault that made it disable itself", { nullable: true })
  disabledReason!: string | null;

  @Flag('A sign-in may create and update people')
  jit!: boolean;

  @Flag('A SCIM client is the authority for its people')
  scim!: boolean;

  @Nested(ProvisioningBody, 'What a sign-in and a SCIM client may do')
  provisioning!: object;

  @Nested(AttributeMappingBody, 'Names of SAML attributes')
  attributeMapping!: object;

  @Text('Which product the IdP is; null: nobody said', { nullable: true })
  preset!: string | null;

  @Nested(SamlView, 'The IdP; null: not configured yet', { nullable: true })
  saml!: SamlView | null;

  @Nested(ServiceProviderView, 'What to paste into the IdP')
  serviceProvider!: ServiceProviderView;

  @NestedList(CertificateExpiryView, 'Its certificates, the soonest to expire first')
  certificateExpiry!: readonly CertificateExpiryView[];
}
