export { alternativeName, alternativeNames, sayAlternative } from './alternative-name.ts'
export { type Bundle, bundlesIn } from './bundle.ts'
export type { Authority, Issued, IssueOptions } from './certificate.ts'
export { authorityProfile, issue } from './certificate.ts'
export { brokenChain } from './chain.ts'
export { parseDuration, sayDuration } from './duration.ts'
export type { CertificateFacts } from './inspect.ts'
export { inspect } from './inspect.ts'
export type { Judged } from './judge.ts'
export { reasonsToReissue } from './judge.ts'
export { fits, generateKey, keyPem, kindOfKey, loadKey, publicPem, readCertificate, sayKind } from './key.ts'
export type { Kubeconfig, KubeconfigParts } from './kubeconfig.ts'
export { buildKubeconfig, kubeconfigDifferences, parseKubeconfig, writeKubeconfig } from './kubeconfig.ts'
export { withLock } from './lock.ts'
export type { SshKeyFacts, SshKeyFormat, SshKeyPair, SshKeyRequest, SshKeyType } from './openssh.ts'
export { formatOfSshKey, generateSshKey, inspectSshKey, inspectSshPublic } from './openssh.ts'
export type { Order, OrderParts } from './order.ts'
export { parseAuthorityOrder, parseOrder } from './order.ts'
export type { Profile, SigningConfig } from './profiles.ts'
export { defaultProfile, parseSigningConfig, profileNamed } from './profiles.ts'
export type { AuthorityRequest, CertificateRequest, KeyAlgorithm, KeyRequest, NameParts } from './request.ts'
export { parseRequest } from './request.ts'
export type { KeyPair, Peeked, PeekedPair, SigningOptions, Stored, StoreOptions } from './store.ts'
export {
  ensureAuthority,
  ensureCertificate,
  ensureKeyPair,
  peekAuthority,
  peekCertificate,
  peekKeyPair,
  storedAuthority,
} from './store.ts'
export { sayName, subjectOf } from './subject.ts'
export { knownUsages, usageNamed } from './usage.ts'
