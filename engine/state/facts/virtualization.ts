import type { FactsAnswer } from './answer.ts'
import { dmi } from './hardware.ts'

/** What kind of machine this is. The first sign that speaks gives type and role; all signs are in the tech lists. */
export function virtualizationFacts(answer: FactsAnswer): Record<string, unknown> {
  const guest = new Set<string>()
  const host = new Set<string>()
  let type: string | undefined
  let role: string | undefined
  const isGuest = (name: string, technology = name) => {
    guest.add(technology)
    type ??= name
    role ??= 'guest'
  }
  const isHost = (name: string) => {
    host.add(name)
    type ??= name
    role ??= 'host'
  }

  for (const line of answer.file('/proc/1/cgroup')) {
    if (/\/docker(\/|-[0-9a-f]+\.scope)/.test(line)) isGuest('docker')
    if (/\/lxc\/|\/machine\.slice\/machine-lxc/.test(line)) isGuest('lxc')
    if (line.includes('/system.slice/containerd.service')) isGuest('containerd')
  }
  for (const line of answer.lines('initenv')) {
    if (line.startsWith('container=lxc')) isGuest('lxc')
    if (line.startsWith('container=podman')) isGuest('podman')
    if (/^container=./.test(line)) isGuest('container')
  }
  if (answer.has('/proc/vz') && !answer.has('/proc/lve')) {
    if (answer.has('/proc/bc')) isHost('openvz')
    else isGuest('openvz')
  }
  const systemd = answer.value('/run/systemd/container')
  if (systemd) isGuest(systemd)
  if (answer.has('/.dockerenv') || answer.has('/.dockerinit')) isGuest('docker')
  if (systemd || ['docker', 'lxc', 'podman', 'openvz', 'containerd'].some((name) => guest.has(name)))
    guest.add('container')
  if (answer.has('/proc/xen')) {
    if (answer.file('/proc/xen/capabilities').some((line) => line.includes('control_d'))) isHost('xen')
    else isGuest('xen')
  }
  for (const name of products(answer)) isGuest(name)
  for (const line of answer.lines('cpu')) {
    if (/^model name.*QEMU Virtual CPU/.test(line)) isGuest('kvm')
    else if (/^vendor_id.*User Mode Linux|^model name.*UML/.test(line)) isGuest('uml')
  }
  const modules = answer.lines('modules').map((line) => line.split(' ')[0])
  if (modules.includes('kvm')) isHost('kvm')
  if (modules.includes('vboxdrv')) isHost('virtualbox')
  if (modules.includes('virtio')) {
    host.add('kvm')
    type ??= 'kvm'
    role ??= 'guest'
  }
  if (answer.has('/dev/kvm')) isHost('kvm')
  return {
    virtualization_type: type ?? 'NA',
    virtualization_role: role ?? 'NA',
    virtualization_tech_guest: [...guest].sort(),
    virtualization_tech_host: [...host].sort(),
  }
}

/** What the firmware says the machine is. */
function products(answer: FactsAnswer): string[] {
  const product = dmi(answer, 'product_name') ?? ''
  const family = dmi(answer, 'product_family') ?? ''
  const vendor = dmi(answer, 'sys_vendor') ?? ''
  const bios = dmi(answer, 'bios_vendor') ?? ''
  const found: string[] = []
  if (['KVM', 'KVM Server', 'Bochs', 'AHV'].includes(product)) found.push('kvm')
  if (vendor === 'oVirt') found.push('oVirt')
  if (vendor === 'Red Hat' && family === 'RHV') found.push('RHV')
  else if (vendor === 'Red Hat' && product === 'RHEV Hypervisor') found.push('RHEV')
  if (['VMware Virtual Platform', 'VMware7,1'].includes(product)) found.push('VMware')
  if (['OpenStack Compute', 'OpenStack Nova'].includes(product)) found.push('openstack')
  if (bios === 'Xen') found.push('xen')
  if (bios === 'innotek GmbH') found.push('virtualbox')
  if (['Amazon EC2', 'DigitalOcean', 'Hetzner'].includes(bios)) found.push('kvm')
  if (['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'].includes(vendor)) found.push('kvm')
  if (vendor === 'KubeVirt') found.push('KubeVirt')
  if (vendor === 'Microsoft Corporation') found.push('VirtualPC')
  if (vendor === 'Parallels Software International Inc.') found.push('parallels')
  if (vendor === 'OpenStack Foundation') found.push('openstack')
  return found
}
