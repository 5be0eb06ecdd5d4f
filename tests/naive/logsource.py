# SPDX-License-Identifier: Apache-2.0
"""Which events a logsource admits, and the names under which stand-in events answer. A table of its own, made from the
events' documentation and the Sigma taxonomy, on purpose not read from knowledge/logsource.tsv."""
from events import Event

SYSMON = "microsoft-windows-sysmon/operational"
POWERSHELL = ("microsoft-windows-powershell/operational", "powershellcore/operational")
DEFENDER = "microsoft-windows-windows defender/operational"

# category: list of (channels, event ids, {field: values} that must hold besides, stand-in)
CATEGORIES = {
    "process_creation": [(SYSMON, [1]), ("security", [4688], None, "4688")],
    "file_change": [(SYSMON, [2])],
    "network_connection": [(SYSMON, [3]), ("security", [5156], None, "5156")],
    "sysmon_status": [(SYSMON, [4, 16])],
    "process_termination": [(SYSMON, [5])],
    "driver_load": [(SYSMON, [6])],
    "image_load": [(SYSMON, [7])],
    "create_remote_thread": [(SYSMON, [8])],
    "raw_access_thread": [(SYSMON, [9])],
    "process_access": [(SYSMON, [10])],
    "file_event": [(SYSMON, [11])],
    "registry_event": [(SYSMON, [12, 13, 14])],
    "registry_add": [(SYSMON, [12], {"EventType": ["CreateKey"]})],
    "registry_delete": [(SYSMON, [12], {"EventType": ["DeleteKey", "DeleteValue"]})],
    "registry_set": [(SYSMON, [13]), ("security", [4657], None, "4657")],
    "registry_rename": [(SYSMON, [14])],
    "create_stream_hash": [(SYSMON, [15])],
    "pipe_created": [(SYSMON, [17, 18])],
    "wmi_event": [(SYSMON, [19, 20, 21])],
    "dns_query": [(SYSMON, [22])],
    "file_delete": [(SYSMON, [23])],
    "clipboard_change": [(SYSMON, [24])],
    "clipboard_capture": [(SYSMON, [24])],
    "process_tampering": [(SYSMON, [25])],
    "file_delete_detected": [(SYSMON, [26])],
    "file_block_executable": [(SYSMON, [27])],
    "file_block_shredding": [(SYSMON, [28])],
    "file_executable_detected": [(SYSMON, [29])],
    "sysmon_error": [(SYSMON, [255])],
    "ps_module": [(POWERSHELL, [4103])],
    "ps_script": [(POWERSHELL, [4104])],
    "ps_classic_start": [("windows powershell", [400])],
    "ps_classic_provider_start": [("windows powershell", [600])],
    "ps_classic_script": [("windows powershell", [800])],
    "antivirus": [(DEFENDER, [1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116], None, "antivirus")],
}

M = "microsoft-windows-"
SERVICES = {
    "security": ["security"],
    "system": ["system"],
    "application": ["application"],
    "sysmon": [SYSMON],
    "powershell": list(POWERSHELL),
    "powershell-classic": ["windows powershell"],
    "windefend": [DEFENDER],
    "ntlm": [M + "ntlm/operational"],
    "taskscheduler": [M + "taskscheduler/operational"],
    "wmi": [M + "wmi-activity/operational"],
    "dhcp": [M + "dhcp-server/operational"],
    "printservice-admin": [M + "printservice/admin"],
    "printservice-operational": [M + "printservice/operational"],
    "smbclient-security": [M + "smbclient/security"],
    "smbclient-connectivity": [M + "smbclient/connectivity"],
    "smbserver-connectivity": [M + "smbserver/connectivity"],
    "terminalservices-localsessionmanager": [M + "terminalservices-localsessionmanager/operational"],
    "codeintegrity-operational": [M + "codeintegrity/operational"],
    "applocker": [M + "applocker/" + x for x in (
        "msi and script", "exe and dll", "packaged app-deployment", "packaged app-execution")],
    "msexchange-management": ["msexchange management"],
    "firewall-as": [M + "windows firewall with advanced security/firewall"],
    "bits-client": [M + "bits-client/operational"],
    "security-mitigations": [M + "security-mitigations/kernel mode", M + "security-mitigations/user mode"],
    "diagnosis-scripted": [M + "diagnosis-scripted/operational"],
    "shell-core": [M + "shell-core/operational"],
    "openssh": ["openssh/operational"],
    "ldap": [M + "ldap-client/debug"],
    "bitlocker": [M + "bitlocker/bitlocker management"],
    "vhdmp": [M + "vhdmp/operational", M + "vhdmp-operational"],
    "appxdeployment-server": [M + "appxdeploymentserver/operational", M + "appxdeployment-server/operational"],
    "lsa-server": [M + "lsa/operational"],
    "appxpackaging-om": [M + "appxpackaging/operational"],
    "dns-client": [M + "dns client events/operational", M + "dns-client/operational"],
    "dns-server": ["dns server"],
    "dns-server-analytic": [M + "dns-server/analytical"],
    "driver-framework": [M + "driverframeworks-usermode/operational"],
    "appmodel-runtime": [M + "appmodel-runtime/admin"],
    "capi2": [M + "capi2/operational"],
    "certificateservicesclient-lifecycle-system": [M + "certificateservicesclient-lifecycle-system/operational"],
    "kernel-shimengine": [M + "kernel-shimengine/operational", M + "kernel-shimengine/diagnostic"],
    "application-experience": [M + "application-experience/program-telemetry",
                               M + "application-experience/program-compatibility-assistant"],
    "ntfs": [M + "ntfs/operational"],
    "hyper-v-worker": [M + "hyper-v-worker", M + "hyper-v-worker-admin", M + "hyper-v-worker/admin"],
    "kernel-event-tracing": [M + "kernel-eventtracing", M + "kernel-eventtracing/admin"],
    "sense": [M + "sense/operational"],
    "servicebus-client": ["microsoft-servicebus-client/admin", "microsoft-servicebus-client/operational"],
    "microsoft-servicebus-client": ["microsoft-servicebus-client/admin", "microsoft-servicebus-client/operational"],
    "iis-configuration": ["microsoft-iis-configuration/administrative", "microsoft-iis-configuration/operational"],
}


class Source:
    def __init__(self, channels, ids=None, also=None, stand_in=None):
        self.channels = None if channels is None else {channels} if isinstance(channels, str) else set(channels)
        self.ids = None if ids is None else {str(i) for i in ids}
        self.also, self.stand_in = also or {}, stand_in

    def admits_kind(self, channel, event_id):
        return (self.channels is None or channel in self.channels) and (self.ids is None or event_id in self.ids)

    def admits(self, event):
        if not self.admits_kind(event.channel, event.id):
            return False
        return all(any(v is not None and v.lower() in [w.lower() for w in wanted] for v in event.fields.get(f, ()))
                   for f, wanted in self.also.items())

    def view(self, event):
        return STAND_INS[self.stand_in](event) if self.stand_in else event


def sources(product, category, service):
    """None: no Windows log answers this logsource."""
    if product is not None and product != "windows":
        return None
    if category is None and service is None:
        return [Source(None)] if product == "windows" else None
    if product is None and category not in CATEGORIES:
        return None
    channels = None
    if service is not None:
        if service not in SERVICES:
            return None
        channels = set(SERVICES[service])
    if category is None:
        return [Source(channels)]
    if category not in CATEGORIES:
        return None
    out = [Source(*row) for row in CATEGORIES[category]]
    if channels is not None:
        for s in out:
            s.channels &= channels
        out = [s for s in out if s.channels]
    return out or None


# Stand-ins: the event's own data give way to the names of the category; System's names stay.

def hex_to_decimal(text):
    if text is not None and text[:2].lower() == "0x":
        try:
            return str(int(text, 16))
        except ValueError:
            pass
    return text


def renamed(event, pairs):
    """A copy of the event with System's fields and these pairs; a pair is left out when its source is absent."""
    view = Event([], event.file, event.order)
    for name, values in event.fields.items():
        if name in SYSTEM or name.split("_")[0] in SYSTEM:
            view.fields[name] = values
    for name, values in pairs:
        if values:
            view.fields[name] = values
    for slot in ("channel", "id", "provider", "record", "time"):
        setattr(view, slot, getattr(event, slot))
    return view


SYSTEM = {"Provider", "EventID", "Version", "Level", "Task", "Opcode", "Keywords", "TimeCreated", "EventRecordID",
          "Correlation", "Execution", "Channel", "Computer", "Security"}
INTEGRITY = {"4096": "Low", "8192": "Medium", "8448": "MediumPlus", "12288": "High", "16384": "System"}


def through(event, source, table):
    return [table.get(v, v) for v in event.fields.get(source, ())]


def hexed(event, source):
    return [hex_to_decimal(v) for v in event.fields.get(source, ())]


def subject(event):
    """Domain and name of who did it, as one text."""
    domain, user = event.first("SubjectDomainName"), event.first("SubjectUserName")
    return None if domain is None or user is None else ["%s\\%s" % (domain, user)]


def process_4688(event):
    f = event.fields
    labels = {"S-1-16-" + k: v for k, v in INTEGRITY.items()}
    return renamed(event, [
        ("User", subject(event)), ("Image", f.get("NewProcessName")), ("ParentImage", f.get("ParentProcessName")), ("CommandLine", f.get("CommandLine")),
        ("ProcessId", hexed(event, "NewProcessId")), ("ParentProcessId", hexed(event, "ProcessId")),
        ("LogonId", f.get("SubjectLogonId")), ("IntegrityLevel", through(event, "MandatoryLabel", labels))])


def registry_4657(event):
    f = event.fields
    key, value = event.first("ObjectName"), event.first("ObjectValueName")
    path = None
    if key is not None:
        path = key
        for old, new in (("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU")):
            if path.upper().startswith(old):
                path = new + path[len(old):]
        if value:
            path += "\\" + value
    kinds = {"%%1904": "CreateKey", "%%1905": "SetValue", "%%1906": "DeleteValue"}
    return renamed(event, [
        ("Image", f.get("ProcessName")), ("TargetObject", [path] if path is not None else None), ("Details", f.get("NewValue")),
        ("User", subject(event)), ("EventType", through(event, "OperationType", kinds)), ("ProcessId", hexed(event, "ProcessId"))])


def connection_5156(event):
    f = event.fields
    return renamed(event, [
        ("Image", f.get("Application")), ("Initiated", through(event, "Direction", {"%%14593": "true", "%%14592": "false"})),
        ("SourceIp", f.get("SourceAddress")), ("SourcePort", f.get("SourcePort")), ("DestinationIp", f.get("DestAddress")),
        ("DestinationPort", f.get("DestPort")), ("Protocol", through(event, "Protocol", {"6": "tcp", "17": "udp"})),
        ("ProcessId", hexed(event, "ProcessID"))])


def antivirus(event):
    """Defender's own names stay; the category's two names for them come on top."""
    view = Event([], event.file, event.order)
    view.fields = dict(event.fields)
    for new, old in (("Signature", "ThreatName"), ("Filename", "Path")):
        if old in event.fields:
            view.fields[new] = event.fields[old]
    for slot in ("channel", "id", "provider", "record", "time"):
        setattr(view, slot, getattr(event, slot))
    return view


STAND_INS = {"4688": process_4688, "4657": registry_4657, "5156": connection_5156, "antivirus": antivirus}
