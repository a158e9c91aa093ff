"""Starts the services of compose.yaml from the image, as containers, and shops in them.

python -m lab.containers.trial --store FOLDER

PostgreSQL and Redis are this machine's own, started for the trial. All of it runs in namespaces of its own, with a
loopback of its own: so the ports and names of compose.yaml are free, nothing outside is reached, and nothing is left
when it ends, however it ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx

from lab.containers import sandbox
from lab.containers.compose import ROOT, SAID, Service, image_name, services_of_shop
from lab.containers.store import Store, require
from lab.harness.ending import interrupt_on_sigterm
from lab.harness.trial_shop import TrialError, patience_s, wait_until

# Of the Dockerfile.
USER_ID = 10001
POSTGRESQL = Path("/usr/lib/postgresql")
PICTURES = ROOT / "catalogue/demo/pictures"
ARTICLES = {"CH01-01": "Red shirt", "CH02-01": "Blue shirt", "CH03-01": "White shirt"}
STARTS_WITHIN_S, PREPARES_WITHIN_S = 60.0, 120.0
# Programs that an image that only serves has no use for.
TOOLS_OF_BUILDS = ("cc", "gcc", "g++", "make", "pip", "uv", "git", "perl5", "pytest", "ruff")
NOT_IN_IMAGE = (
    "/shop/lab",
    "/shop/tests",
    "/shop/docs",
    "/root/.cache",
    "/var/lib/apt/lists/*_InRelease",
    "/uv",
    "/build",
)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (this is a command)


class Trial:
    """The inner part: runs as the first process of its namespaces."""

    def __init__(self, store: Store, work: Path) -> None:
        self.store, self.work = store, work
        self.services = services_of_shop()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # What health checks said last.
        self.said: dict[str, str] = {}
        self.container = ""

    def prepare_machine(self) -> None:
        """Bring up loopback, and have the services' names lead to it."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607  (of Debian's iproute2)
        hosts = self.work / "hosts"
        hosts.write_text("127.0.0.1 localhost postgres redis web\n::1 localhost\n")
        # What is killed leaves its shared memory to nobody.
        for arguments in (["--bind", hosts, "/etc/hosts"], ["-t", "tmpfs", "tmpfs", "/dev/shm"]):  # noqa: S108  (as above)
            subprocess.run(["mount", *arguments], check=True)  # noqa: S603, S607  (in our namespace)

    def start_servers(self) -> None:
        """Start this machine's PostgreSQL and Redis as the services of those names are configured."""
        tools = max(POSTGRESQL.glob("*/bin"), key=lambda folder: int(folder.parent.name))
        data, password = self.work / "postgres", self.work / "password"
        password.write_text(SAID["SERVICES_PASSWORD"])
        for folder in (data, self.work / "redis"):
            folder.mkdir()
        for path in (data, password):
            shutil.chown(path, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        said = ["--username=shop", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]
        self._output([*as_postgres, str(tools / "initdb"), f"--pgdata={data}", *said])
        self._spawn(
            "postgres",
            [*as_postgres, str(tools / "postgres"), "-D", str(data), "-c", f"unix_socket_directories={data}"],
        )
        self._spawn("redis", ["redis-server", "--appendonly", "yes", "--dir", str(self.work / "redis")])
        environment = {**os.environ, "PGPASSWORD": SAID["SERVICES_PASSWORD"]}
        create = [str(tools / "createdb"), "--host=postgres", "--username=shop", "shop"]

        def creates() -> bool:
            done = subprocess.run(create, env=environment, capture_output=True, check=False)  # noqa: S603  (PostgreSQL's own)
            return done.returncode == 0

        wait_until(creates, within_s=30, what="PostgreSQL starts", asked_every_s=0.3)

    def make_container(self) -> None:
        """Make one container of the image, whose root nobody can write to: all services run in it."""
        self.container = self._output([*self.store.command, "from", "--pull-never", image_name()])
        # Or buildah mounts a folder of its own there, over ours or below it.
        volumes = [argument for where in self.services["web"].volumes for argument in ("--volume", f"{where}-")]
        self._output([*self.store.command, "config", *volumes, self.container])
        root = self._output([*self.store.command, "mount", self.container])
        for name in self.services:
            for folder in ("tmp", "shm"):
                path = self.work / folder / name
                path.mkdir(parents=True)
                path.chmod(0o1777)
        (self.work / "data").mkdir(mode=0o700)
        os.chown(self.work / "data", USER_ID, USER_ID)
        # It makes the files and folders on which it mounts others.
        self.in_container("web", ["true"])
        for arguments in (
            ["--bind", root, root],
            ["-o", "remount,ro,bind", root],
            ["-t", "tmpfs", "tmpfs", f"{root}/run"],
        ):
            subprocess.run(["mount", *arguments], check=True)  # noqa: S603, S607  (in our namespace)

    def command(self, service: Service, command: list[str], *, user: str = "") -> list[str]:
        """Return what runs a command in a container of a service."""
        # A volume with a name is of all services, one without of each.
        folders = {where: self.work / (name or f"tmp/{service.name}") for where, name in service.volumes.items()}
        if not service.read_only or set(folders) != {"/data", "/tmp"}:  # noqa: S108  (the container's)
            raise TrialError(f"{service.name} is not started as compose.yaml says: {service.volumes}")
        mounts = {**folders, "/import": self.work / "import"}
        shared = self.work / "shm" / service.name
        return [
            # buildah has all containers use this machine's.
            *("unshare", "--mount", "--", "sh", "-c", 'mount --bind "$0" /dev/shm && exec "$@"', str(shared)),
            *self.store.command,
            "run",
            "--cap-drop=ALL",
            *([f"--user={user}"] if user else []),
            *(f"--volume={folder}:{where}" for where, folder in mounts.items()),
            *(f"--env={name}={value}" for name, value in service.environment.items()),
            self.container,
            "--",
            *command,
        ]

    def in_container(self, name: str, command: list[str], *, user: str = "") -> str:
        """Run a command beside a service, and return its output. Raises TrialError if it fails."""
        return self._output(self.command(self.services[name], command, user=user))

    def start(self, name: str) -> None:
        self._spawn(name, self.command(self.services[name], self.services[name].command))

    def is_well(self, name: str) -> bool:
        """Whether the health check of a service succeeds. Raises TrialError if the service has ended."""
        if (status := self.running[name].poll()) is not None:
            raise TrialError(f"{name} ended with {status}: {self.log_of(name)}")
        check = self.command(self.services[name], self.services[name].health)
        done = self._run(check)
        self.said[name] = done.stderr
        return done.returncode == 0

    def wait_until_well(self, name: str) -> float:
        """Return the seconds that it took. Raises TrialError with what the health check says if it takes too long."""
        try:
            return wait_until(partial(self.is_well, name), within_s=STARTS_WITHIN_S, what="it is well", asked_every_s=1)
        except TrialError as error:
            raise TrialError(f"{name}: {error}: {self.said.get(name, '')}{self.log_of(name)}") from error

    def stop(self, name: str) -> float:
        """Send SIGTERM to the first process of a service, as an engine does. Returns the seconds until it ended."""
        process, started = self.running.pop(name), time.monotonic()
        os.kill(first_in_container(process.pid), 15)
        try:
            status = process.wait(self.services[name].stops_within_s)
        except subprocess.TimeoutExpired as error:
            raise TrialError(f"{name} does not stop") from error
        if status not in (0, 143):
            raise TrialError(f"{name} ended with {status}: {self.log_of(name)}")
        return time.monotonic() - started

    def log_of(self, name: str) -> str:
        return (self.work / f"{name}.log").read_text()[-3000:]

    def _spawn(self, name: str, command: list[str]) -> None:
        with (self.work / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603  (commands of this module and of compose.yaml)
                command, stdout=log, stderr=log, env=self.store.environment
            )

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  (commands of this module and of compose.yaml)
            command, capture_output=True, text=True, env=self.store.environment, check=False
        )

    def _output(self, command: list[str]) -> str:
        done = self._run(command)
        if done.returncode:
            raise TrialError(f"{' '.join(command[-4:])} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()


def first_in_container(pid: int) -> int:
    """Return the first process below buildah's own that is not buildah's."""
    # It has several, which run the same program under other names.
    while Path(f"/proc/{pid}/cmdline").read_text().startswith("buildah"):
        # The child is of whichever of its threads started it.
        started = [children.read_text() for children in Path(f"/proc/{pid}/task").glob("*/children")]
        pid = int("".join(started).split()[0])
    return pid


def write_import(folder: Path) -> None:
    folder.mkdir()
    rows = [f"{sku},{name},Shirts,29.90,5,true,{sku}-1.webp" for sku, name in ARTICLES.items()]
    (folder / "articles.csv").write_text("\n".join(["sku,name,category,price,stock,published,photo", *rows]) + "\n")
    for sku in ARTICLES:
        shutil.copy(PICTURES / f"{sku}-1.webp", folder)


def check_image(trial: Trial) -> None:
    """Raise TrialError if the image has what a server does not need, or more rights than it needs."""
    named = " ".join(TOOLS_OF_BUILDS)
    script = f"for tool in {named}; do command -v $tool; done; ls -d {' '.join(NOT_IN_IMAGE)} 2>/dev/null; true"
    if found := trial.in_container("web", ["sh", "-c", script]):
        raise TrialError(f"The image has {found.split()}")
    if (user := trial.in_container("web", ["id", "-u"])) != str(USER_ID):
        raise TrialError(f"It runs as {user}")
    # Not even root could.
    written = trial.in_container(
        "web", ["sh", "-c", "for d in / /shop /venv /etc /var/tmp; do touch $d/x && echo $d; done; true"], user="0"
    )
    if written:
        raise TrialError(f"It may write to {written.split()}")


def shop(trial: Trial) -> None:
    """Import, search by photo, back up."""
    client = httpx.Client(
        base_url="http://web:8000",
        headers={"Host": "shop.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"},
        timeout=30,
    )
    trial.in_container(
        "web", ["python", "manage.py", "import_catalogue", "/import/articles.csv", "--photos", "/import"]
    )
    sku = next(iter(ARTICLES))
    photo = (PICTURES / f"{sku}-1.webp").read_bytes()

    def finds() -> bool:
        answer = client.post("/api/predict", files={"image": photo})
        if answer.status_code != 200:
            raise TrialError(f"A search was answered with {answer.status_code}: {answer.text}")
        found[:] = [article["name"] for article in answer.json()["articles"]]
        return found[:1] == [ARTICLES[sku]]

    found: list[str] = []
    # An address may search 60 times a minute.
    try:
        waited = wait_until(finds, within_s=60, what="a photo that was imported is found", asked_every_s=2)
    except TrialError as error:
        raise TrialError(f"{error}: {found}, {client.get('/api/health').text}") from error
    say(f"  a photo that was imported is found, {waited:.1f} s later")
    for address in ("/", "/search/", "/admin/login/", "/api/docs"):
        if (answer := client.get(address)).status_code != 200:
            raise TrialError(f"{address} was answered with {answer.status_code}")
    wait_until(
        lambda: client.get("/api/health").json()["status"] == "ok",
        within_s=60,
        what=f"health is ok, and not {client.get('/api/health').text}",
        asked_every_s=1,
    )
    say(f"  health: {json.dumps(client.get('/api/health').json()['status'])}")
    said = trial.in_container("web", ["python", "manage.py", "back_up", "/data/backup"])
    say(f"  back_up: {said}")
    trial.in_container("web", ["psql", "--version"])
    trial.in_container("web", ["python", "manage.py", "restore", "/data/backup", "--replace"])
    wait_until(finds, within_s=60, what="a photo is found after a restore", asked_every_s=2)
    say("  restored, and the photo is found again")


def try_services(store: Store, work: Path) -> None:
    trial = Trial(store, work)
    trial.prepare_machine()
    write_import(work / "import")
    trial.start_servers()
    trial.make_container()
    check_image(trial)
    say("  the image has no tools of builds; its root is read-only; it runs as a user without rights")
    waiting = dict(trial.services)
    for name in [name for name, service in waiting.items() if not service.health]:
        del waiting[name]
        trial.start(name)
        try:
            status = trial.running.pop(name).wait(patience_s(PREPARES_WITHIN_S))
        except subprocess.TimeoutExpired as error:
            raise TrialError(f"{name} does not end: {trial.log_of(name)}") from error
        if status:
            raise TrialError(f"{name} failed: {trial.log_of(name)}")
        say(f"  {name} has ended well")
    for name in waiting:
        trial.start(name)
    for name in waiting:
        say(f"  {name} is well, {trial.wait_until_well(name):.1f} s later")
    shop(trial)
    for name in waiting:
        say(f"  {name} stopped within {trial.stop(name):.1f} s")


def main() -> None:
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--store", type=Path, required=True, help="the folder of images")
    parser.add_argument("--driver", default="vfs", help="as for the build")
    parser.add_argument("--work", type=Path, help="set by the command itself, in its namespaces")
    options = parser.parse_args()
    store = Store(options.store, options.driver)
    interrupt_on_sigterm()
    try:
        if options.work:
            try_services(store, options.work)
            return
        require("buildah", "setpriv", "unshare", "ip", "redis-server")
        if not any(POSTGRESQL.glob("*/bin/initdb")):
            sys.exit("There is no PostgreSQL. Debian: apt-get install postgresql.")
        if not store.has(image_name()):
            sys.exit(f"There is no {image_name()} in {store.folder}. make image builds it.")
        with tempfile.TemporaryDirectory(prefix="vitrine-trial-", dir=store.folder) as work, store.cleaned():
            # PostgreSQL and the shop have users of their own.
            for folder in (store.folder, Path(work)):
                folder.chmod(0o711)
            arguments = ["--store", str(store.folder), "--driver", options.driver, "--work", work]
            sandbox.run([sys.executable, "-m", "lab.containers.trial", *arguments], network=False)
    except KeyboardInterrupt:
        sys.exit("Interrupted; nothing runs on.")
    except (TrialError, sandbox.SandboxError) as error:
        sys.exit(str(error))
    say("All of it works, and has been stopped.")


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
