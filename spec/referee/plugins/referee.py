"""Tells what ansible-playbook does, one JSON object a line, into the file that TSPLAY_REFEREE_EVENTS names."""
import json
import os

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: referee
type: notification
short_description: events as JSON lines
description: What the referee of tsplay's specs compares.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'referee'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.out = open(os.environ['TSPLAY_REFEREE_EVENTS'], 'a')

    def tell(self, **event):
        self.out.write(json.dumps(event, default=str) + '\n')
        self.out.flush()

    def v2_playbook_on_play_start(self, play):
        self.tell(event='play', strategy=play.strategy)

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.tell(event='task', id=task._uuid, name=task.get_name().strip(), action=task.action)

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def result(self, result, status, item=False):
        task, values = result._task, result._result
        if task.action in ('meta', 'ansible.builtin.meta'):
            return  # not counted, and told only when skipped
        if item and isinstance(task, TaskInclude):
            return  # what an item of an include brings, its tasks tell
        event = dict(
            event='item' if item else 'result',
            id=task._uuid,
            name=task.get_name().strip(),
            action=task.action,
            host=result._host.get_name(),
            status=status,
        )
        if item:
            hidden = '(censored due to no_log)' if values.get('censored') else None
            event['label'] = hidden or values.get('_ansible_item_label', values.get(values.get('ansible_loop_var', 'item')))
        if task.action == 'debug' and status in ('ok', 'changed'):
            var = task.args.get('var')
            looped = not item and 'results' in values
            if not looped and not values.get('censored'):
                event['said'] = values.get(var) if var else values.get('msg')
        self.tell(**event)

    def v2_runner_on_ok(self, result):
        self.result(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, 'failed')

    def v2_runner_on_skipped(self, result):
        self.result(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self.result(result, 'unreachable')

    def v2_runner_item_on_ok(self, result):
        self.result(result, 'changed' if result._result.get('changed') else 'ok', item=True)

    def v2_runner_item_on_failed(self, result):
        self.result(result, 'unreachable' if result._result.get('unreachable') else 'failed', item=True)

    def v2_runner_item_on_skipped(self, result):
        self.result(result, 'skipped', item=True)

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in stats.processed}
        for counts in hosts.values():
            counts['failed'] = counts.pop('failures')
        self.tell(event='recap', hosts=hosts)
