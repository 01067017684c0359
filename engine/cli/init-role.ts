import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../base/problem.ts'

/** `tsplay init role NAME`: a role that validates, with every part in its place. */
export function initRole(name: string): number {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
    throw new Problem('usage', `"${name}" cannot be the name of a role.`, { hint: 'Use letters, digits, - and _.' })
  const folder = join('roles', name)
  if (existsSync(folder))
    throw new Problem('usage', `${folder} is already there.`, { hint: 'Choose another name, or remove the folder.' })
  const variable = `${name.replaceAll(/\W/g, '_')}_greeting`
  const files: Record<string, string> = {
    'tasks/main.yml': `- name: A file that says hello
  template:
    src: greeting.hbs
    dest: /tmp/${name}.txt
    mode: '0644'
  notify: Say that it changed
`,
    'handlers/main.yml': `- name: Say that it changed
  debug: {msg: "the greeting is new"}
`,
    'defaults/main.yml': `# What users of this role may set; the lowest precedence of all.
${variable}: Hello
`,
    'templates/greeting.hbs': `{{${variable}}} from {{inventory_hostname}}.
`,
    'meta/main.yml': `# Checked before the first connection: types here, and conditions under "checks".
params:
  properties:
    ${variable}: {type: string, minLength: 1}
dependencies: []
`,
    'README.md': `# ${name}

What is true on a host after this role: \`/tmp/${name}.txt\` greets.

| variable | default | meaning |
|---|---|---|
| \`${variable}\` | \`Hello\` | the greeting |
`,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: 'wx' })
  }
  const paths = Object.keys(files).map((path) => join(folder, path))
  process.stdout.write(
    `${paths.join('\n')}\n\nUse it in a playbook beside ${dirname(folder)}/:\n\n- hosts: all\n  roles:\n    - ${name}\n`,
  )
  return 0
}
