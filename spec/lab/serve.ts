// serve.ts FOLDER ADDRESS LOG: the lab's download server as a process of its own.
import { serve } from './server.ts'

const [folder = '', address = '', log = ''] = process.argv.slice(2)
serve(folder, log).listen(80, address)
