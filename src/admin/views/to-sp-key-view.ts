import { X509Certificate } from 'node:crypto';
import type { SpKey } from '../../organizations/sp-key.js';
import type { SpKeyView } from './sp-key.view.js';

export const toSpKeyView = (key: SpKey): SpKeyView => ({
  id: key.id,
  use: key.use,
  state: key.state,
  fingerprint: new X509Certificate(key.certificate).fingerprint256,
  certificate: key.certificate,
  notBefore: key.notBefore.toISOString(),
  notAfter: key.notAfter.toISOString(),
  createdAt: key.createdAt.toISOString(),
  activatedAt: key.activatedAt?.toISOString() ?? null,
  retiredAt: key.retiredAt?.toISOString() ?? null,
});
