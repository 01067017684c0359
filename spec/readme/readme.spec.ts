import { describePage } from './page.ts'

describePage({
  path: 'README.md',
  traces: ['/tmp/tsplay-readme', '/tmp/greeting.txt'],
  failing: { 'npx tsplay run typo.yml -i inventory.yml': 1 },
})
