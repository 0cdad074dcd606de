import { daysLeft, type ExpiringCertificate } from '../../organizations/certificate-expiry.js';
import type { CertificateExpiryView } from './certificate-expiry.view.js';

export const toCertificateExpiryView = (certificate: ExpiringCertificate, now: Date): CertificateExpiryView => ({
  party: certificate.party,
  use: certificate.use,
  subject: certificate.subject,
  fingerprint: certificate.fingerprint,
  notAfter: certificate.notAfter.toISOString(),
  daysLeft: daysLeft(certificate.notAfter, now),
  coveredUntil: certificate.coveredUntil?.toISOString() ?? null,
});
