"""Answers many questions as ansible-inventory does, loading it once: each in a process of its own, forked from this one.

Reads a JSON list of {"cwd": folder, "words": [...]} and prints one of {"status": number, "stdout": text}.
"""
import json
import os
import sys
import tempfile

from ansible.cli.inventory import InventoryCLI

answers = []
for question in json.load(sys.stdin):
    with tempfile.TemporaryFile('w+') as said:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.chdir(question['cwd'])
                os.dup2(said.fileno(), 1)
                cli = InventoryCLI(['ansible-inventory', *question['words']])
                cli.parse()
                cli.run()
            except SystemExit as ended:
                status = ended.code or 0
            finally:
                sys.stdout.flush()
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        said.seek(0)
        answers.append({'status': os.waitstatus_to_exitcode(ended), 'stdout': said.read()})
json.dump(answers, sys.stdout)
