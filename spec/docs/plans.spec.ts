import { describePage } from '../readme/page.ts'

describePage({
  path: 'docs/plans.md',
  traces: ['/tmp/tsplay-plans'],
  failing: { 'npx tsplay apply later.plan': 2 },
})
