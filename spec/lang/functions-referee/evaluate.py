"""Evaluates Jinja2 expressions with the ansible that is installed: variables and expressions come in, results go out, as JSON."""

import json
import sys

from ansible import __version__
from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleNativeEnvironment, Templar
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
from ansible import constants

_AnsibleCollectionFinder(paths=constants.COLLECTIONS_PATHS)._install()
asked = json.load(sys.stdin)
templar = Templar(loader=DataLoader(), variables=asked['variables'])
templar = templar.copy_with_new_env(environment_class=AnsibleNativeEnvironment)
results = {}
for expression in asked['expressions']:
    try:
        # In a list, so that a text that looks like a number stays a text.
        results[expression] = {'gives': templar.template('{{ [' + expression + '] }}', convert_data=False, escape_backslashes=False)[0]}
    except Exception as error:
        results[expression] = {'error': str(error).split('\n')[0]}
json.dump({'ansible': __version__, 'results': results}, sys.stdout, default=str)
