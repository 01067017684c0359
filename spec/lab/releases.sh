#!/usr/bin/env bash
# releases.sh OUT BUILD KUBERNETES_VERSION: real Kubernetes 1.20.2 server and node binaries and etcd 3.4 as release tarballs in OUT,
# laid out as the publishers' own, each with a .sha256 beside it. Compiled from Debian 12's source package `kubernetes` with its Go
# 1.19; etcd and etcdctl are Debian's packages. Nothing is installed on the machine: packages are unpacked in BUILD, where a killed
# run goes on. APT_CONFIG names the apt to use. Prints a line for each step.
set -euo pipefail
out=$1 work=$2 version=$3
mkdir -p "$out" "$work"/{debs,tools,source,bin}

unpack() { # unpack PACKAGE...: its files, in BUILD/tools
  (cd "$work/debs" && apt-get -qq download "$@")
  for package; do dpkg -x "$work"/debs/"$package"_*.deb "$work/tools"; done
}

pack() { # pack FILE.tar.gz FOLDER
  tar -C "$work/stage" --owner=0 --group=0 -czf "$out/$1.part" "$2"
  mv "$out/$1.part" "$out/$1"
  (cd "$out" && sha256sum "$1" >"$1.sha256.part" && mv "$1.sha256.part" "$1.sha256")
}

rm -rf "$work/stage" "$work"/debs/*
if ! ls "$out"/etcd-v*-linux-amd64.tar.gz.sha256 >/dev/null 2>&1; then
  unpack etcd-server etcd-client
  etcd=etcd-v$("$work/tools/usr/bin/etcd" --version | awk '/etcd Version/ {print $3}')-linux-amd64
  install -D -t "$work/stage/$etcd" "$work"/tools/usr/bin/{etcd,etcdctl}
  pack "$etcd.tar.gz" "$etcd"
  echo "made $etcd.tar.gz"
fi
[[ -e $out/kubernetes-server-linux-amd64.tar.gz.sha256 && -e $out/kubernetes-node-linux-amd64.tar.gz.sha256 ]] && exit 0

export GOROOT=$work/tools/usr/lib/go-1.19
[[ -e $work/tools/whole ]] || { unpack golang-1.19-go golang-1.19-src; touch "$work/tools/whole"; }

tree=$work/go/src/k8s.io/kubernetes
if [[ ! -d $tree ]]; then
  rm -rf "$work/source" && mkdir -p "$work/source" "$(dirname "$tree")"
  (cd "$work/source" && apt-get -qq source kubernetes >/dev/null 2>"$work/source.log") || { cat "$work/source.log" >&2; exit 1; }
  mv "$work"/source/kubernetes-*/ "$tree"
  echo 'unpacked the source of Kubernetes'
fi

export PATH=$GOROOT/bin:$PATH GO111MODULE=off GOPATH=$work/go GOCACHE=$work/cache GOPROXY=off GOFLAGS= CGO_ENABLED=0
cd "$tree"
if [[ ! -e $work/generated ]]; then # the one generated file that the source package leaves out
  go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  inputs=$(grep -rlE '^// \+k8s:openapi-gen=' --include='*.go' staging/src pkg | grep -v _test.go | xargs -n1 dirname | sort -u |
    sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#' -e 's#^pkg#k8s.io/kubernetes/pkg#' |
    grep -vE '/testdata|sample-|code-generator|kube-openapi' | paste -sd,)
  "$work/openapi-gen" -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -o "$work/go/src" -h hack/boilerplate/boilerplate.generatego.txt -r /dev/null
  touch "$work/generated"
fi

v=k8s.io/kubernetes/vendor/k8s.io
flags="-s -w -X $v/component-base/version.gitVersion=$version -X $v/client-go/pkg/version.gitVersion=$version"
flags+=" -X $v/component-base/version.gitMajor=1 -X $v/component-base/version.gitMinor=20"
for program in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
  [[ -e $work/bin/$program ]] && continue
  go build -ldflags "$flags" -o "$work/$program.part" "./cmd/$program"
  mv "$work/$program.part" "$work/bin/$program"
  echo "compiled $program"
done

install -D -t "$work/stage/kubernetes/server/bin" "$work"/bin/*
pack kubernetes-server-linux-amd64.tar.gz kubernetes/server
install -D -t "$work/stage/kubernetes/node/bin" "$work"/bin/{kubelet,kube-proxy,kubectl}
pack kubernetes-node-linux-amd64.tar.gz kubernetes/node
echo 'made the tarballs of Kubernetes'
rm -rf "$work" # 3 GB that nothing needs any more
