import { describePage } from '../readme/page.ts'

describePage({ path: 'docs/writing-modules.md', traces: ['/tmp/tsplay-readme-room'] })
