"""The stop button during %rectrain: a partial History, and a model that works."""


def test_a_stop_keeps_what_was_learnt(kernel, two_tower):
    kernel.run(two_tower("two_tower"))
    stopped = kernel.run(
        "history = %rectrain two_tower --epochs 5000 --patience 5000\nhistory", interrupt_after="'ended': 2"
    )
    assert stopped.error == "" and "interrupted" in stopped.text, stopped
    assert (
        kernel.run("history.reason, len(history.epochs) < 5000, two_tower.trained").text
        == "('interrupted', True, True)"
    )
    assert not kernel.run("%recommend two_tower --user 42 -k 3").error
    again = kernel.run("%rectrain two_tower --epochs 2")
    assert again.text.startswith("History('two_tower', 2 epochs"), again


def test_stop_is_pythons_own_again_afterwards(kernel):
    kernel.run("import signal, time")
    assert kernel.run("signal.getsignal(signal.SIGINT) is signal.default_int_handler").text == "True"
    assert kernel.run("print('ready')\ntime.sleep(30)", interrupt_after="ready").ename == "KeyboardInterrupt"
