export * from './account-tools.ts'
export { adviceOn, plainly } from './advice.ts'
export { type ArchiveAsk, type ArchiveFormat, archiveIsRight, archiver, pack } from './archive.ts'
export * from './attributes.ts'
export { isJobName, type JobState, lookAtJob, parseJob, removeJob } from './background-job.ts'
export * from './edit.ts'
export type { Effect, FileEffect } from './effect.ts'
export { fileEffect } from './effect.ts'
export { type EtcdCluster, type EtcdMember, etcdMemberName, readEtcdCluster } from './etcd/cluster.ts'
export * from './etcd/etcdctl.ts'
export { type FactsAsk, factGroupsOf, facts, gatherFacts } from './facts/gather.ts'
export { type FactGroup, factGroups } from './facts/script.ts'
export { Fstab, type FstabEntry } from './fstab.ts'
export { archiveCommit, type GitArchiveAsk, gitArchiveFormat, gitArchiveIsRight } from './git/archive.ts'
export { checkOut } from './git/check-out.ts'
export { type GitAsk, type GitCheckout, type GitLook, gitCheckout } from './git/checkout.ts'
export {
  askRefs,
  type GitAccess,
  gitEnvironment,
  nameCommit,
  type RemoteRefs,
  readRefs,
  withoutPassword,
} from './git/remote.ts'
export * from './http.ts'
export { firstWords, inShell } from './in-shell.ts'
export {
  type IptablesChain,
  type IptablesChains,
  type IptablesTable,
  iptablesChains,
  iptablesRule,
} from './iptables/chains.ts'
export { changeIptables, emptyIptables, setIptablesPolicy, whyChainStays } from './iptables/change.ts'
export { type IptablesRule, iptablesTarget, iptablesWords } from './iptables/rule.ts'
export { isToCome, kubeEffects, refuseToGuess } from './kube/foresight.ts'
export * from './kube/kubectl.ts'
export { type Manifest, manifestsIn, manifestText, sayManifest } from './kube/manifest.ts'
export * from './kube/resource.ts'
export { lookAtMarks, type Marks, markParams, planMarks, wantsMarks } from './marks.ts'
export { listedMode, resolveMode } from './mode.ts'
export {
  deleteTable,
  leavesTable,
  type NftTable,
  type NftText,
  nftListing,
  nftTable,
  replaceTable,
} from './nftables.ts'
export * from './opaque.ts'
export { foreseePackages } from './packages/foresight.ts'
export { lookAtPackages, type PackageState } from './packages/look.ts'
export { packageOutput, planPackages } from './packages/plan.ts'
export { type KeptSource, keptSource, renewIndex, sourcesChanged } from './packages/renew-index.ts'
export { type PackageRequest, packageState } from './packages/request.ts'
export { rpmParams, rpmRequest } from './packages/rpm.ts'
export { lookAtText, type Part, partOf, planParts } from './part.ts'
export { type PatternMistake, patternMistake } from './pattern-mistake.ts'
export * from './placement.ts'
export * from './python-regexp.ts'
export { defineRead, type ReadKind } from './read.ts'
export { type Access, access } from './reads/access.ts'
export * from './reads/account.ts'
export { commandPath } from './reads/command-path.ts'
export { CONTENT_LIMIT, content } from './reads/content.ts'
export { type DigestAlgorithm, digest, digestAlgorithms } from './reads/digest.ts'
export * from './reads/extraction.ts'
export { type FileFlags, fileFlags, flagNames } from './reads/file-flags.ts'
export { type Identity, identity } from './reads/identity.ts'
export { type InitAsk, type InitService, initService } from './reads/init-service.ts'
export { type KernelModule, kernelModule, moduleName } from './reads/kernel-module.ts'
export { listing } from './reads/listing.ts'
export { type MimeType, mimeType } from './reads/mime-type.ts'
export { type Mounted, mountedAt, type SwapArea, type Swaps, swaps } from './reads/mount.ts'
export * from './reads/package.ts'
export { query, volatileQuery } from './reads/query.ts'
export { realPath } from './reads/real-path.ts'
export { type SecurityContext, type SecurityContexts, securityContext } from './reads/security-context.ts'
export { stat } from './reads/stat.ts'
export { type Sysctl, sameSysctl, sysctl, sysctlPath } from './reads/sysctl.ts'
export { isOddName, nameable, type TreeAsk, type TreeEntry, tree } from './reads/tree.ts'
export * from './reads/unit.ts'
export { type InitRequest, planInitService } from './services/init-script.ts'
export { lookAtUnit, planUnit, serviceParams, type UnitRequest } from './services/unit.ts'
export type { Stat } from './stat.ts'
export { statResult } from './stat-result.ts'
export { type Content, effectsOf, type Step, type Streamed } from './step.ts'
export { type DownloadOptions, digestUrl, download, readChecksum, readUrl } from './steps/download.ts'
export { type ExecOptions, exec } from './steps/exec.ts'
export { type ArchiveMember, type ExtractOptions, extract } from './steps/extract.ts'
export * from './steps/files.ts'
export { loadModules, unloadModules } from './steps/kernel-module.ts'
export { PLACE } from './steps/place.ts'
export { type PulledEntry, type PulledTree, pull } from './steps/pull.ts'
export { setSysctls } from './steps/sysctl.ts'
export * from './steps/unit.ts'
export { backupName, type WriteOptions, write } from './steps/write.ts'
export { bytesOf, textOf } from './text.ts'
export type { Host } from './view.ts'
export { isWild, pathsLike } from './wildcard.ts'
export { expandingWord, splitWords, takeOptions, type Word } from './words.ts'
