# Makes a Debian host one whose packages are managed by dnf, from a small repository of its own: greeter needs libgreet.
set -e
apt-get -q update
DEBIAN_FRONTEND=noninteractive apt-get -y -q install --no-install-recommends dnf rpm createrepo-c
# dnf is only a tool where there is apt.
mv /usr/bin/apt-get /usr/bin/apt-get.hidden
mkdir -p /srv/repo /tmp/b; cd /tmp/b
cat >greeter.spec <<'S'
Name: greeter
Epoch: 1
Version: 1.0
Release: 1
Summary: greets
License: none
BuildArch: noarch
Requires: libgreet
%description
greets
%install
mkdir -p %{buildroot}/etc/greeter %{buildroot}/usr/sbin %{buildroot}/usr/bin %{buildroot}/usr/lib/systemd/system
echo hello >%{buildroot}/etc/greeter/greeter.conf
printf '#!/bin/sh\nexec sleep infinity\n' >%{buildroot}/usr/sbin/greeter
ln -s ../sbin/greeter %{buildroot}/usr/bin/hello
printf '[Service]\nExecStart=/usr/sbin/greeter\n[Install]\nWantedBy=multi-user.target\n' >%{buildroot}/usr/lib/systemd/system/greeter.service
%pre
getent passwd greeter >/dev/null || useradd -r greeter
%post
systemctl --no-reload preset greeter.service >/dev/null 2>&1 || :
%files
%dir %attr(2750,root,adm) /etc/greeter
%config(noreplace) %attr(640,root,adm) /etc/greeter/greeter.conf
%attr(755,root,root) /usr/sbin/greeter
/usr/bin/hello
/usr/lib/systemd/system/greeter.service
S
cat >libgreet.spec <<'S'
Name: libgreet
Version: 2
Release: 1
Summary: how to greet
Provides: /bin/sh
License: none
BuildArch: noarch
%description
how to greet
%install
mkdir -p %{buildroot}/usr/share/greet
echo hello >%{buildroot}/usr/share/greet/words
%files
/usr/share/greet
S
for s in *.spec; do rpmbuild -bb --define "_topdir /tmp/b/top" --define "_rpmdir /srv/repo" --define "_build_id_links none" $s >/dev/null; done
createrepo_c -q /srv/repo
mkdir -p /etc/yum.repos.d
printf '[mine]\nname=mine\nbaseurl=file:///srv/repo\ngpgcheck=0\n' >/etc/yum.repos.d/mine.repo
rm -r /tmp/b
