"""What a page asks about views is answered in the middle of a training; other cells wait their turn, in their order."""

import time


def reply_to(client, message, seconds):
    """Return the shell's reply to a message; one to another is dropped."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        reply = client.get_shell_msg(timeout=seconds)
        if reply["parent_header"].get("msg_id") == message:
            return reply["content"]
    raise TimeoutError(message)


def test_views_are_asked_about_during_a_training(kernel, two_tower):
    kernel.run(two_tower("two_tower"))
    kernel.run("order = []")
    client = kernel.client
    training = client.execute("%rectrain two_tower --epochs 5000 --patience 5000")
    while "'ended': 2" not in str(client.get_iopub_msg(timeout=60)["content"]):
        pass
    later = [client.execute(f"order.append({number})") for number in (1, 2, 3)]
    assert len(reply_to(client, client.comm_info(), 10)["comms"]) >= 1  # the view's own
    assert reply_to(client, client.kernel_info(), 10)["status"] == "ok"
    kernel.manager.interrupt_kernel()
    assert reply_to(client, training, 30)["status"] == "ok"
    assert [reply_to(client, message, 30)["status"] for message in later] == ["ok"] * 3
    while client.iopub_channel.msg_ready():
        client.get_iopub_msg()
    assert kernel.run("order, two_tower.history.reason").text == "([1, 2, 3], 'interrupted')"


def test_cells_that_were_sent_at_once_run_in_their_order(kernel, two_tower):
    cells = [two_tower("two_tower"), "order = []", *(each for number in range(0, 9, 3) for each in (
        f"order.append({number})", f"order.append({number + 1})\nh = %rectrain two_tower --epochs 2",
        f"order.append({number + 2})"))]
    sent = [kernel.client.execute(cell) for cell in cells]
    assert [reply_to(kernel.client, message, 60)["status"] for message in sent] == ["ok"] * len(sent)
    while kernel.client.iopub_channel.msg_ready():
        kernel.client.get_iopub_msg()
    assert kernel.run("order").text == "[0, 1, 2, 3, 4, 5, 6, 7, 8]"
