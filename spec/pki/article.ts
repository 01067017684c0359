/** The requests and the signing configuration of the article, as they stand there. */
const rsa = { algo: 'rsa', size: 2048 }
const place = { C: 'CN', ST: 'Beijing', L: 'Beijing' }
const masters = [
  'k8s-master-1',
  'k8s-master-2',
  'k8s-master-3',
  '192.168.1.26',
  '192.168.1.28',
  '192.168.1.29',
  '127.0.0.1',
  'localhost',
]

export const authorities = {
  kubernetes: {
    CN: 'kubernetes',
    key: rsa,
    names: [{ ...place, O: 'Kubernetes', OU: 'Kubernetes' }],
    ca: { expiry: '87600h' },
  },
  etcd: { CN: 'etcd', key: rsa, names: [{ ...place, O: 'etcd', OU: 'etcd' }], ca: { expiry: '87600h' } },
  'front-proxy': { CN: 'kubernetes-front-proxy-ca', key: rsa },
}

export const leaves: Record<string, { ca: keyof typeof authorities; profile: string; request: object }> = {
  'etcd server': {
    ca: 'etcd',
    profile: 'etcd',
    request: {
      CN: 'kube-etcd',
      key: rsa,
      hosts: masters,
      names: [{ C: 'CN', L: 'Beijing', O: 'kube-etcd', OU: 'System', ST: 'beijing' }],
    },
  },
  'etcd peer': {
    ca: 'etcd',
    profile: 'etcd',
    request: {
      CN: 'kube-etcd-peer',
      key: rsa,
      hosts: masters,
      names: [{ C: 'CN', L: 'Beijing', OU: 'System', O: 'kube-etcd-peer', ST: 'beijing' }],
    },
  },
  'apiserver-etcd-client': { ca: 'etcd', profile: 'client', request: { CN: 'kube-apiserver-etcd-client', key: rsa } },
  apiserver: {
    ca: 'kubernetes',
    profile: 'server',
    request: {
      CN: 'kube-apiserver',
      hosts: [
        '127.0.0.1',
        '192.168.1.26',
        '192.168.1.28',
        '192.168.1.29',
        '192.168.1.34',
        '10.96.0.1',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster',
        'kubernetes.default.svc.cluster.local',
      ],
      key: rsa,
      names: [{ C: 'CN', L: 'Beijing', ST: 'Beijing', O: 'Kubernetes', OU: 'Kubernetes' }],
    },
  },
  'apiserver-kubelet-client': {
    ca: 'kubernetes',
    profile: 'client',
    request: { CN: 'kube-apiserver-kubelet-client', key: rsa, names: [{ O: 'system:masters' }] },
  },
  'front-proxy-client': { ca: 'front-proxy', profile: 'kubernetes', request: { CN: 'front-proxy-client', key: rsa } },
  'controller-manager': {
    ca: 'kubernetes',
    profile: 'client',
    request: { CN: 'system:kube-controller-manager', key: rsa, names: [{ ...place, OU: 'kubernetes' }] },
  },
  scheduler: {
    ca: 'kubernetes',
    profile: 'client',
    request: { CN: 'system:kube-scheduler', key: rsa, names: [{ ...place, OU: 'Kubernetes' }] },
  },
  admin: {
    ca: 'kubernetes',
    profile: 'client',
    request: { CN: 'kubernetes-admin', key: rsa, names: [{ ...place, O: 'system:masters', OU: 'Kubernetes' }] },
  },
}

const usages = (...more: string[]) => ({ expiry: '87600h', usages: ['signing', 'key encipherment', ...more] })

export const signing = {
  signing: {
    default: { expiry: '87600h' },
    profiles: {
      server: usages('server auth'),
      client: usages('server auth'),
      peer: usages('server auth', 'client auth'),
      kubernetes: usages('server auth', 'client auth'),
      etcd: usages('server auth', 'client auth'),
    },
  },
}
