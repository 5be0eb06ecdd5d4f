// SPDX-License-Identifier: Apache-2.0
// The tables state facts about Windows 10, 11 and Server 2016 to 2022, as their logs and
// Microsoft's documentation of each event show them. Rows are sorted by provider; the newest
// version of an event stands first.
#include "known.h"

#include "binxml.h"

#define SEC      "Microsoft-Windows-Security-Auditing"
#define SYSMON   "Microsoft-Windows-Sysmon"
#define SCM      "Service Control Manager"
#define PS       "Microsoft-Windows-PowerShell"
#define TASKS    "Microsoft-Windows-TaskScheduler"
#define LSM      "Microsoft-Windows-TerminalServices-LocalSessionManager"
#define RCM      "Microsoft-Windows-TerminalServices-RemoteConnectionManager"
#define DEFENDER "Microsoft-Windows-Windows Defender"
#define WMI      "Microsoft-Windows-WMI-Activity"
#define LOG      "Microsoft-Windows-Eventlog"
#define UPDATE   "Microsoft-Windows-WindowsUpdateClient"
#define POLICY   "Microsoft-Windows-GroupPolicy"
#define KERNEL   "Microsoft-Windows-Kernel-General"
#define POWER    "Microsoft-Windows-Kernel-Power"
#define BITS     "Microsoft-Windows-Bits-Client"
#define TIMESVC  "Microsoft-Windows-Time-Service"
#define FIREWALL "Microsoft-Windows-Windows Firewall With Advanced Security"
#define PNP      "Microsoft-Windows-UserPnp"
#define PRINT    "Microsoft-Windows-PrintService"
#define LOGON    "Microsoft-Windows-Winlogon"

static const struct known_provider PROVIDERS[] = {
    {SEC, "54849625-5478-4994-a5ba-3e3b0328c30d", NULL, "Security", NULL},
    {SYSMON, "5770385f-c22a-43e0-bf4c-06f5698ffbd9", NULL, "Microsoft-Windows-Sysmon/Operational",
     "S-1-5-18"},
    {SCM, "555908d1-a6d7-4695-8e1e-26931d2012f4", "Service Control Manager", "System", NULL},
    {PS, "a0c1853b-5c40-4b15-8766-3cf1c58f985a", NULL, "Microsoft-Windows-PowerShell/Operational",
     "S-1-5-18"},
    {"PowerShell", NULL, NULL, "Windows PowerShell", NULL},
    {"EventLog", NULL, NULL, "System", NULL},
    {"MsiInstaller", NULL, NULL, "Application", "S-1-5-18"},
    {"Application Error", NULL, NULL, "Application", NULL},
    {"Application Hang", NULL, NULL, "Application", NULL},
    {"Windows Error Reporting", NULL, NULL, "Application", NULL},
    {"VSS", NULL, NULL, "Application", NULL},
    {"ESENT", NULL, NULL, "Application", NULL},
    {"User32", "b0aa8734-56f7-41cc-b2f4-de228e98b946", "User32", "System", "S-1-5-18"},
    {TASKS, "de7b24ea-73c8-4a09-985d-5bdadcfa9017", NULL,
     "Microsoft-Windows-TaskScheduler/Operational", "S-1-5-18"},
    {LSM, "5d896912-022d-40aa-a3a8-4fa5515c76d7", NULL,
     "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "S-1-5-18"},
    {RCM, "c76baa63-ae81-421c-b425-340b4b24157f", NULL,
     "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "S-1-5-20"},
    {DEFENDER, "11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78", NULL,
     "Microsoft-Windows-Windows Defender/Operational", "S-1-5-18"},
    {WMI, "1418ef04-b0b4-4623-bf7e-d74ab47bbdaa", NULL,
     "Microsoft-Windows-WMI-Activity/Operational", "S-1-5-18"},
    {LOG, "fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148", NULL, "System", NULL},
    {UPDATE, "945a8954-c147-4acd-923f-40c45405a658", NULL, "System", "S-1-5-18"},
    {POLICY, "aea1b4fa-97d1-45f2-a64c-4d69fffd92c9", NULL, "System", "S-1-5-18"},
    {KERNEL, "a68ca8b7-004f-d7b6-a698-07e2de0f1f5d", NULL, "System", "S-1-5-18"},
    {POWER, "331c3b3a-2005-44c2-ac5e-77220c37d6b4", NULL, "System", "S-1-5-18"},
    {"Microsoft-Windows-Kernel-Boot", "15ca44ff-4d7a-4baa-bba5-0998955e531e", NULL, "System",
     "S-1-5-18"},
    {BITS, "ef1cc15b-46c1-414e-bb95-e76b077bd51e", NULL,
     "Microsoft-Windows-Bits-Client/Operational", "S-1-5-18"},
    {TIMESVC, "06edcfeb-0fd0-4e53-acca-a6f8bbf81bcb", NULL, "System", "S-1-5-19"},
    {FIREWALL, "d1bc9aff-2abf-4d71-9146-ecb2a986eb85", NULL,
     "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", "S-1-5-19"},
    {PNP, "96f4a050-7e31-453c-88be-9634f4e02139", NULL, "System", "S-1-5-18"},
    {PRINT, "747ef6fd-e535-4d16-b510-42c90f6873a1", NULL,
     "Microsoft-Windows-PrintService/Operational", NULL},
    {LOGON, "dbe9b383-7cf3-4331-91cc-a3cb16a3b538", NULL, "System", "S-1-5-18"},
    {"Microsoft-Windows-DistributedCOM", "1b562e86-b7aa-4131-badc-b6f3a001407e", "DCOM", "System",
     NULL},
    {"Microsoft-Windows-DNS-Client", "1c95126e-7eea-49a9-a3fe-a378b03ddb4d", NULL,
     "Microsoft-Windows-DNS-Client/Operational", "S-1-5-20"},
    {"Microsoft-Windows-WinRM", "a7975c8f-ac13-49f1-87da-5a984a4ab417", NULL,
     "Microsoft-Windows-WinRM/Operational", "S-1-5-20"},
    {"Microsoft-Windows-Backup", "1db28f2e-8f80-4027-8c5a-a11f7f10f62d", NULL,
     "Microsoft-Windows-Backup", "S-1-5-18"},
    {"Microsoft-Windows-AppLocker", "cbda4dbf-8d5d-4f69-9578-be14aa540d22", NULL,
     "Microsoft-Windows-AppLocker/EXE and DLL", "S-1-5-18"},
    {"Microsoft-Windows-CodeIntegrity", "4ee76bd8-3cf4-44a0-a0ac-3937643e37a3", NULL,
     "Microsoft-Windows-CodeIntegrity/Operational", "S-1-5-18"},
    {"Microsoft-Windows-VHDMP", "e2816346-87f4-4f85-95c3-0c79409aa89d", NULL,
     "Microsoft-Windows-VHDMP-Operational", "S-1-5-18"},
    {"Microsoft-Windows-Ntfs", "3ff37a1c-a68d-4d6e-8c9b-f79e8b16c482", NULL, "System", "S-1-5-18"},
    {"Microsoft-Windows-Shell-Core", "30336ed4-e327-447c-9de0-51b652c86108", NULL,
     "Microsoft-Windows-Shell-Core/Operational", NULL},
    {"Microsoft-Windows-User Profiles Service", "89b1e9f0-5aff-44a6-9b44-0a07a7ce5845", NULL,
     "Application", "S-1-5-18"},
    {"Microsoft-Windows-Windows Remote Management", NULL, NULL, "System", NULL},
    {"OpenSSH", "c4b57d35-0636-4bc3-a262-370f249f9802", NULL, "OpenSSH/Operational", "S-1-5-18"},
};

#define OK        0x8020000000000000ull // audit success
#define FAIL      0x8010000000000000ull // audit failure
#define STD       0x8000000000000000ull
#define OPS       0x4000000000000000ull
#define CLASSIC   0x80000000000000ull
#define SUBJECT   "SubjectUserSid:sid,SubjectUserName:s,SubjectDomainName:s,SubjectLogonId:x64"
#define ACCOUNT   "TargetUserName:s,TargetDomainName:s,TargetSid:sid," SUBJECT
#define MEMBER    "MemberName:s,MemberSid:sid," ACCOUNT ",PrivilegeList:s"
#define NEW_LOGON "TargetUserSid:sid,TargetUserName:s,TargetDomainName:s,TargetLogonId:x64"
#define ATTRIBUTES                                                                                 \
    "PrivilegeList:s,SamAccountName:s,DisplayName:s,UserPrincipalName:s,HomeDirectory:s,HomePath:" \
    "s,ScriptPath:s,"                                                                              \
    "ProfilePath:s,UserWorkstations:s,PasswordLastSet:s,AccountExpires:s,PrimaryGroupId:s,"        \
    "AllowedToDelegateTo:s,"                                                                       \
    "OldUacValue:s,NewUacValue:s,UserAccountControl:s,UserParameters:s,SidHistory:s,LogonHours:s"
#define TASK                                                                                       \
    SUBJECT ",TaskName:s,TaskContent:s,ClientProcessStartKey:u64,ClientProcessId:u32,"             \
            "ParentProcessId:u32,"                                                                 \
            "RpcCallClientLocality:u32,FQDN:s"
#define FILTERING                                                                                  \
    "Application:s,Direction:s=%%14593,SourceAddress:s,SourcePort:s=0,DestAddress:s,DestPort:s=0," \
    "Protocol:u32=6,"                                                                              \
    "FilterRTID:u64,LayerName:s=%%14611,LayerRTID:u64=48"
#define PROC     "ProcessGuid:g,ProcessId:u32,Image:s"
#define RULE     "RuleName:s,UtcTime:t"
#define FILEINFO "FileVersion:s,Description:s,Product:s,Company:s,OriginalFileName:s"
#define THREAT                                                                                     \
    "Product Name:s=Microsoft Defender Antivirus,Product Version:s=4.18.25050.5,Detection "        \
    "ID:s,Detection Time:s,Unused:e,"                                                              \
    "Unused2:e,Threat ID:s=0,Threat Name:s,Severity ID:s=5,Severity Name:s=Severe,Category "       \
    "ID:s=8,"                                                                                      \
    "Category Name:s=Trojan,FWLink:e,Status Code:s=1,Status Description:e,State:s=1,Source "       \
    "ID:s=3,"                                                                                      \
    "Source Name:s=%%818,Process Name:s=Unknown,Detection User:s,Unused3:e,Path:s,Origin ID:s=1,"  \
    "Origin Name:s=%%845,Execution ID:s=1,Execution Name:s=%%813,Type ID:s=0,Type Name:s=%%822,"   \
    "Pre Execution Status:s=0,Action ID:s=9,Action Name:s=%%887,Unused4:e,Error "                  \
    "Code:s=0x00000000,"                                                                           \
    "Error Description:s=The operation completed successfully. ,Unused5:e,Post Clean Status:s=0,"  \
    "Additional Actions ID:s=0,Additional Actions String:s=No additional actions required,"        \
    "Remediation User:e,Unused6:e,Security intelligence Version:s,Engine Version:s"
#define PRODUCT  "Product Name:s=Microsoft Defender Antivirus,Product Version:s=4.18.25050.5"
#define EVENT_NS "http://manifests.microsoft.com/win/2004/08/windows/eventlog"

#define D(provider, id, version, level, task, opcode, keywords, fields)                            \
    {                                                                                              \
        provider, id, version, level, task, opcode, keywords, KNOWN_DATA, NULL, NULL, fields       \
    }
#define AUDIT(id, version, task, keywords, fields) D(SEC, id, version, 0, task, 0, keywords, fields)
#define SYS(id, version, fields)                   D(SYSMON, id, version, 4, id, 0, STD, fields)
#define TS(id, task, opcode, fields)               D(TASKS, id, 0, 4, task, opcode, STD, fields)
#define DEF(id, level, fields)                     D(DEFENDER, id, 0, level, 0, 0, STD, fields)
#define SVC(id, level, fields)                     D(SCM, id, 0, level, 0, 0, 0x8080000000000000ull, fields)
#define U(provider, id, level, task, keywords, channel, root, fields)                              \
    {                                                                                              \
        provider, id, 0, level, task, 0, keywords, KNOWN_USER, channel, root, fields               \
    }
#define C(provider, id, level, task)                                                               \
    {                                                                                              \
        provider, id, 0, level, task, 0, CLASSIC, KNOWN_CLASSIC, NULL, NULL, ""                    \
    }

static const struct known_event EVENTS[] = {
    // Security
    AUDIT(4608, 0, 12288, OK, ""),
    AUDIT(4611, 0, 12289, OK, SUBJECT ",LogonProcessName:s"),
    AUDIT(4616, 1, 12288, OK, SUBJECT ",PreviousTime:ft,NewTime:ft,ProcessId:p,ProcessName:s"),
    AUDIT(4624, 2, 12544, OK,
          SUBJECT
          "," NEW_LOGON
          ",LogonType:u32=3,LogonProcessName:s=Advapi  ,AuthenticationPackageName:s=Negotiate,"
          "WorkstationName:s,LogonGuid:g,TransmittedServices:s,LmPackageName:s,KeyLength:u32,"
          "ProcessId:p,"
          "ProcessName:s,IpAddress:s,IpPort:s,ImpersonationLevel:s=%%1833,RestrictedAdminMode:s,"
          "TargetOutboundUserName:s,TargetOutboundDomainName:s,VirtualAccount:s=%%1843,"
          "TargetLinkedLogonId:x64,ElevatedToken:s=%%1843"),
    AUDIT(
        4625, 0, 12544, FAIL,
        SUBJECT
        ",TargetUserSid:sid,TargetUserName:s,TargetDomainName:s,Status:x32=0xc000006d,"
        "FailureReason:s=%%2313,SubStatus:x32=0xc000006a,LogonType:u32=3,LogonProcessName:s="
        "NtLmSsp ,"
        "AuthenticationPackageName:s=NTLM,WorkstationName:s,TransmittedServices:s,LmPackageName:s,"
        "KeyLength:u32,ProcessId:p,ProcessName:s,IpAddress:s,IpPort:s"),
    AUDIT(4627, 0, 12554, OK,
          SUBJECT "," NEW_LOGON
                  ",LogonType:u32,EventIdx:u32=1,EventCountTotal:u32=1,GroupMembership:s"),
    AUDIT(4634, 0, 12545, OK, NEW_LOGON ",LogonType:u32=3"),
    AUDIT(4647, 0, 12545, OK, NEW_LOGON),
    AUDIT(4648, 0, 12544, OK,
          SUBJECT ",LogonGuid:g,TargetUserName:s,TargetDomainName:s,TargetLogonGuid:g,"
                  "TargetServerName:s=localhost,"
                  "TargetInfo:s=localhost,ProcessId:p,ProcessName:s,IpAddress:s,IpPort:s"),
    AUDIT(4656, 1, 12802, OK,
          SUBJECT ",ObjectServer:s=Security,ObjectType:s,ObjectName:s,HandleId:p,TransactionId:g,"
                  "AccessList:s,"
                  "AccessReason:s,AccessMask:x32,PrivilegeList:s,RestrictedSidCount:u32,ProcessId:"
                  "p,ProcessName:s,"
                  "ResourceAttributes:s"),
    AUDIT(4657, 0, 12801, OK,
          SUBJECT ",ObjectName:s,ObjectValueName:s,HandleId:p,OperationType:s=%%1905,OldValueType:"
                  "s,OldValue:s,"
                  "NewValueType:s=%%1873,NewValue:s,ProcessId:p,ProcessName:s"),
    AUDIT(4658, 0, 12804, OK,
          SUBJECT ",ObjectServer:s=Security,HandleId:p,ProcessId:p,ProcessName:s"),
    AUDIT(4660, 0, 12800, OK,
          SUBJECT ",ObjectServer:s=Security,HandleId:p,ProcessId:p,ProcessName:s,TransactionId:g"),
    AUDIT(4661, 0, 12803, OK,
          SUBJECT ",ObjectServer:s,ObjectType:s,ObjectName:s,HandleId:p,TransactionId:g,AccessList:"
                  "s,AccessMask:x32,"
                  "PrivilegeList:s,Properties:s,RestrictedSidCount:u32,ProcessId:p,ProcessName:s"),
    AUDIT(4662, 0, 14080, OK,
          SUBJECT ",ObjectServer:s=DS,ObjectType:s,ObjectName:s,OperationType:s=Object "
                  "Access,HandleId:p,AccessList:s,"
                  "AccessMask:x32,Properties:s,AdditionalInfo:s,AdditionalInfo2:e"),
    AUDIT(4663, 1, 12800, OK,
          SUBJECT ",ObjectServer:s=Security,ObjectType:s=File,ObjectName:s,HandleId:p,AccessList:s,"
                  "AccessMask:x32,"
                  "ProcessId:p,ProcessName:s,ResourceAttributes:s=S:AI"),
    AUDIT(4670, 0, 13570, OK,
          SUBJECT ",ObjectServer:s=Security,ObjectType:s,ObjectName:s,HandleId:p,OldSd:s,NewSd:s,"
                  "ProcessId:p,ProcessName:s"),
    AUDIT(4672, 0, 12548, OK, SUBJECT ",PrivilegeList:s"),
    AUDIT(4673, 0, 13056, OK,
          SUBJECT ",ObjectServer:s=Security,Service:s,PrivilegeList:s,ProcessId:p,ProcessName:s"),
    AUDIT(4674, 0, 13056, OK,
          SUBJECT ",ObjectServer:s=Security,ObjectType:s,ObjectName:s,HandleId:p,AccessMask:s,"
                  "PrivilegeList:s,"
                  "ProcessId:p,ProcessName:s"),
    AUDIT(4688, 2, 13312, OK,
          SUBJECT
          ",NewProcessId:p,NewProcessName:s,TokenElevationType:s=%%1936,ProcessId:p,CommandLine:e,"
          "TargetUserSid:sid,TargetUserName:s,TargetDomainName:s,TargetLogonId:x64,"
          "ParentProcessName:s,"
          "MandatoryLabel:sid=S-1-16-8192"),
    AUDIT(4689, 0, 13313, OK, SUBJECT ",Status:x32,ProcessId:p,ProcessName:s"),
    AUDIT(4692, 0, 13314, OK,
          SUBJECT ",MasterKeyId:s,RecoveryServer:e,RecoveryKeyId:s,FailureReason:x32"),
    AUDIT(4697, 1, 12289, OK,
          SUBJECT ",ServiceName:s,ServiceFileName:s,ServiceType:x32=0x10,ServiceStartType:u32=2,"
                  "ServiceAccount:s=LocalSystem,ClientProcessStartKey:u64,ClientProcessId:u32,"
                  "ParentProcessId:u32"),
    AUDIT(4698, 1, 12804, OK, TASK),
    AUDIT(4699, 1, 12804, OK, TASK),
    AUDIT(4700, 1, 12804, OK, TASK),
    AUDIT(4701, 1, 12804, OK, TASK),
    AUDIT(4702, 1, 12804, OK,
          SUBJECT ",TaskName:s,TaskContentNew:s,ClientProcessStartKey:u64,ClientProcessId:u32,"
                  "ParentProcessId:u32,"
                  "RpcCallClientLocality:u32,FQDN:s"),
    AUDIT(4703, 0, 13317, OK,
          SUBJECT "," NEW_LOGON
                  ",ProcessName:s,ProcessId:p,EnabledPrivilegeList:s,DisabledPrivilegeList:s"),
    AUDIT(4704, 0, 13570, OK, SUBJECT ",TargetSid:sid,PrivilegeList:s"),
    AUDIT(4717, 0, 13569, OK, SUBJECT ",TargetSid:sid,AccessGranted:s"),
    AUDIT(4719, 0, 13568, OK,
          SUBJECT ",CategoryId:s=%%8274,SubcategoryId:s=%%13312,SubcategoryGuid:g,"
                  "AuditPolicyChanges:s=%%8448"),
    AUDIT(4720, 0, 13824, OK, ACCOUNT "," ATTRIBUTES),
    AUDIT(4722, 0, 13824, OK, ACCOUNT),
    AUDIT(4723, 0, 13824, OK, ACCOUNT ",PrivilegeList:s"),
    AUDIT(4724, 0, 13824, OK, ACCOUNT),
    AUDIT(4725, 0, 13824, OK, ACCOUNT),
    AUDIT(4726, 0, 13824, OK, ACCOUNT ",PrivilegeList:s"),
    AUDIT(4728, 0, 13826, OK, MEMBER),
    AUDIT(4729, 0, 13826, OK, MEMBER),
    AUDIT(4731, 0, 13826, OK, ACCOUNT ",PrivilegeList:s,SamAccountName:s,SidHistory:s"),
    AUDIT(4732, 0, 13826, OK, MEMBER),
    AUDIT(4733, 0, 13826, OK, MEMBER),
    AUDIT(4735, 0, 13826, OK, ACCOUNT ",PrivilegeList:s,SamAccountName:s,SidHistory:s"),
    AUDIT(4738, 0, 13824, OK, "Dummy:s," ACCOUNT "," ATTRIBUTES),
    AUDIT(4739, 0, 13569, OK,
          "DomainPolicyChanged:s,DomainName:s,DomainSid:sid," SUBJECT
          ",PrivilegeList:s,MinPasswordAge:s,MaxPasswordAge:s,"
          "ForceLogoff:s,LockoutThreshold:s,LockoutObservationWindow:s,LockoutDuration:s,"
          "PasswordProperties:s,"
          "MinPasswordLength:s,PasswordHistoryLength:s,MachineAccountQuota:s,MixedDomainMode:s,"
          "DomainBehaviorVersion:s,OemInformation:s"),
    AUDIT(4740, 0, 13824, OK, ACCOUNT),
    AUDIT(4741, 0, 13825, OK, ACCOUNT "," ATTRIBUTES ",DnsHostName:s,ServicePrincipalNames:s"),
    AUDIT(4742, 0, 13825, OK,
          "ComputerAccountChange:s," ACCOUNT "," ATTRIBUTES
          ",DnsHostName:s,ServicePrincipalNames:s"),
    AUDIT(4756, 0, 13826, OK, MEMBER),
    AUDIT(4757, 0, 13826, OK, MEMBER),
    AUDIT(4764, 0, 13826, OK, "GroupTypeChange:s," ACCOUNT ",PrivilegeList:s"),
    AUDIT(4767, 0, 13824, OK, ACCOUNT),
    AUDIT(4768, 0, 14339, OK,
          "TargetUserName:s,TargetDomainName:s,TargetSid:sid,ServiceName:s=krbtgt,ServiceSid:sid,"
          "TicketOptions:x32=0x40810010,"
          "Status:x32,TicketEncryptionType:x32=0x12,PreAuthType:s=2,IpAddress:s,IpPort:s,"
          "CertIssuerName:e,"
          "CertSerialNumber:e,CertThumbprint:e"),
    AUDIT(4769, 0, 14337, OK,
          "TargetUserName:s,TargetDomainName:s,ServiceName:s,ServiceSid:sid,TicketOptions:x32="
          "0x40810000,"
          "TicketEncryptionType:x32=0x12,IpAddress:s,IpPort:s,Status:x32,LogonGuid:g,"
          "TransmittedServices:s"),
    AUDIT(4770, 0, 14337, OK,
          "TargetUserName:s,TargetDomainName:s,ServiceName:s,ServiceSid:sid,TicketOptions:x32=0x2,"
          "TicketEncryptionType:x32=0x12,IpAddress:s,IpPort:s"),
    AUDIT(4771, 0, 14339, FAIL,
          "TargetUserName:s,TargetSid:sid,ServiceName:s,TicketOptions:x32=0x40810010,Status:x32="
          "0x18,PreAuthType:s=2,"
          "IpAddress:s,IpPort:s,CertIssuerName:e,CertSerialNumber:e,CertThumbprint:e"),
    AUDIT(4776, 0, 14336, OK,
          "PackageName:s=MICROSOFT_AUTHENTICATION_PACKAGE_V1_0,TargetUserName:s,Workstation:s,"
          "Status:x32"),
    AUDIT(4778, 0, 12551, OK,
          "AccountName:s,AccountDomain:s,LogonID:x64,SessionName:s,ClientName:s,ClientAddress:s"),
    AUDIT(4779, 0, 12551, OK,
          "AccountName:s,AccountDomain:s,LogonID:x64,SessionName:s,ClientName:s,ClientAddress:s"),
    AUDIT(4781, 0, 13824, OK,
          "OldTargetUserName:s,NewTargetUserName:s,TargetDomainName:s,TargetSid:sid," SUBJECT
          ",PrivilegeList:s"),
    AUDIT(4794, 0, 13824, OK, SUBJECT ",Workstation:s,Status:x32"),
    AUDIT(4798, 0, 13824, OK, ACCOUNT ",CallerProcessId:p,CallerProcessName:s"),
    AUDIT(4799, 0, 13826, OK, ACCOUNT ",CallerProcessId:p,CallerProcessName:s"),
    AUDIT(4800, 0, 12551, OK, NEW_LOGON ",SessionId:u32=1"),
    AUDIT(4801, 0, 12551, OK, NEW_LOGON ",SessionId:u32=1"),
    AUDIT(4826, 0, 13573, OK,
          SUBJECT
          ",LoadOptions:s,AdvancedOptions:s=%%1843,ConfigAccessPolicy:s=%%1846,RemoteEventLogging:"
          "s=%%1843,"
          "KernelDebug:s=%%1843,VsmLaunchType:s=%%1848,TestSigning:s=%%1843,FlightSigning:s=%%1843,"
          "DisableIntegrityChecks:s=%%1843,HypervisorLoadOptions:s,HypervisorLaunchType:s=%%1848,"
          "HypervisorDebug:s=%%1843"),
    AUDIT(4902, 0, 13568, OK, "PuaCount:u32,PuaPolicyId:x64"),
    AUDIT(4904, 0, 13568, OK,
          SUBJECT ",AuditSourceName:s,EventSourceId:x64,ProcessId:p,ProcessName:s"),
    AUDIT(4905, 0, 13568, OK,
          SUBJECT ",AuditSourceName:s,EventSourceId:x64,ProcessId:p,ProcessName:s"),
    AUDIT(4907, 0, 13568, OK,
          SUBJECT ",ObjectServer:s=Security,ObjectType:s=File,ObjectName:s,HandleId:p,OldSd:s,"
                  "NewSd:s,ProcessId:p,ProcessName:s"),
    AUDIT(4946, 0, 13571, OK, "ProfileChanged:s=All,RuleId:s,RuleName:s"),
    AUDIT(4948, 0, 13571, OK, "ProfileChanged:s=All,RuleId:s,RuleName:s"),
    AUDIT(4964, 0, 12548, OK, SUBJECT ",LogonGuid:g," NEW_LOGON ",TargetLogonGuid:g,SidList:s"),
    AUDIT(4985, 0, 12800, OK,
          SUBJECT ",TransactionId:g,NewState:u32,ResourceManager:g,ProcessId:p,ProcessName:s"),
    AUDIT(5024, 0, 12292, OK, ""),
    AUDIT(5025, 0, 12292, OK, ""),
    AUDIT(5033, 0, 12292, OK, ""),
    AUDIT(5056, 0, 12290, OK, SUBJECT ",Module:s,ReturnCode:x32"),
    AUDIT(5058, 1, 12292, OK,
          SUBJECT ",ClientProcessId:u32,ClientCreationTime:ft,ProviderName:s,AlgorithmName:s,"
                  "KeyName:s,KeyType:s,"
                  "KeyFilePath:s,Operation:s,ReturnCode:x32"),
    AUDIT(5061, 0, 12290, OK,
          SUBJECT ",ProviderName:s,AlgorithmName:s,KeyName:s,KeyType:s,Operation:s,ReturnCode:x32"),
    AUDIT(5136, 0, 14081, OK,
          "OpCorrelationID:g,AppCorrelationID:s," SUBJECT
          ",DSName:s,DSType:s,ObjectDN:s,ObjectGUID:g,ObjectClass:s,"
          "AttributeLDAPDisplayName:s,AttributeSyntaxOID:s,AttributeValue:s,OperationType:s"),
    AUDIT(5140, 1, 12808, OK,
          SUBJECT
          ",ObjectType:s=File,IpAddress:s,IpPort:s,ShareName:s,ShareLocalPath:s,AccessMask:x32=0x1,"
          "AccessList:s=%%4416"),
    AUDIT(5142, 0, 12808, OK, SUBJECT ",ShareName:s,ShareLocalPath:s"),
    AUDIT(
        5145, 0, 12811, OK,
        SUBJECT
        ",ObjectType:s=File,IpAddress:s,IpPort:s,ShareName:s,ShareLocalPath:s,RelativeTargetName:s,"
        "AccessMask:x32=0x100081,AccessList:s=%%1541,AccessReason:s"),
    AUDIT(5152, 0, 12809, FAIL, "ProcessId:u64," FILTERING),
    AUDIT(5154, 0, 12810, OK,
          "ProcessId:u64,Application:s,SourceAddress:s,SourcePort:s,Protocol:u32=6,FilterRTID:u64,"
          "LayerName:s=%%14609,LayerRTID:u64=40"),
    AUDIT(5156, 1, 12810, OK, "ProcessID:u64," FILTERING ",RemoteUserID:sid,RemoteMachineID:sid"),
    AUDIT(5157, 1, 12810, FAIL, "ProcessID:u64," FILTERING ",RemoteUserID:sid,RemoteMachineID:sid"),
    AUDIT(5158, 0, 12810, OK,
          "ProcessId:u64,Application:s,SourceAddress:s,SourcePort:s,Protocol:u32=6,FilterRTID:u64,"
          "LayerName:s=%%14608,LayerRTID:u64=36"),
    AUDIT(5379, 0, 13824, OK,
          SUBJECT ",TargetName:s,Type:u32,CountOfCredentialsReturned:u32,ReadOperation:s=%%8100,"
                  "ReturnCode:u32,"
                  "ProcessCreationTime:ft,ClientProcessId:u32"),
    AUDIT(5382, 0, 13824, OK,
          SUBJECT ",SchemaFriendlyName:s,Schema:g,Resource:s,Identity:s,PackageSid:s,Flags:u32,"
                  "ReturnCode:u32,"
                  "ProcessCreationTime:ft,ClientProcessId:u32"),
    AUDIT(6416, 1, 13316, OK,
          SUBJECT ",DeviceId:s,DeviceDescription:s,ClassId:g,ClassName:s,VendorIds:s,CompatibleIds:"
                  "s,LocationInformation:s"),
    U(LOG, 1100, 4, 103, 0x4020000000000000ull, "Security", "ServiceShutdown " EVENT_NS, ""),
    U(LOG, 1102, 4, 104, 0x4020000000000000ull, "Security", "LogFileCleared " EVENT_NS,
      "SubjectUserSid:sid,SubjectUserName:s,SubjectDomainName:s,SubjectLogonId:x64"),
    U(LOG, 1104, 2, 101, 0x4020000000000000ull, "Security", "FileIsFull " EVENT_NS, ""),
    U(LOG, 104, 4, 104, STD, NULL, "LogFileCleared " EVENT_NS,
      "SubjectUserName:s,SubjectDomainName:s,Channel:s,BackupPath:e"),

    // Sysmon
    SYS(1, 5,
        RULE
        "," PROC "," FILEINFO
        ",CommandLine:s,CurrentDirectory:s=C:\\Windows\\system32\\,User:s,LogonGuid:g,"
        "LogonId:x64,TerminalSessionId:u32,IntegrityLevel:s=Medium,Hashes:s,ParentProcessGuid:g,"
        "ParentProcessId:u32,ParentImage:s,ParentCommandLine:s,ParentUser:s"),
    SYS(2, 5, RULE "," PROC ",TargetFilename:s,CreationUtcTime:t,PreviousCreationUtcTime:t,User:s"),
    SYS(3, 5,
        RULE
        "," PROC
        ",User:s,Protocol:s=tcp,Initiated:b=true,SourceIsIpv6:b,SourceIp:s,SourceHostname:s,"
        "SourcePort:u16,SourcePortName:s,DestinationIsIpv6:b,DestinationIp:s,DestinationHostname:s,"
        "DestinationPort:u16,DestinationPortName:s"),
    SYS(4, 3, "UtcTime:t,State:s=Started,Version:s=15.15,SchemaVersion:s=4.90"),
    SYS(5, 3, RULE "," PROC ",User:s"),
    SYS(6, 4, RULE ",ImageLoaded:s,Hashes:s,Signed:s=true,Signature:s,SignatureStatus:s=Valid"),
    SYS(7, 3,
        RULE "," PROC ",ImageLoaded:s," FILEINFO
             ",Hashes:s,Signed:s=true,Signature:s,SignatureStatus:s=Valid,User:s"),
    SYS(8, 2,
        RULE ",SourceProcessGuid:g,SourceProcessId:u32,SourceImage:s,TargetProcessGuid:g,"
             "TargetProcessId:u32,"
             "TargetImage:s,NewThreadId:u32,StartAddress:s,StartModule:s,StartFunction:s,"
             "SourceUser:s,TargetUser:s"),
    SYS(9, 2, RULE "," PROC ",Device:s,User:s"),
    SYS(10, 3,
        RULE ",SourceProcessGUID:g,SourceProcessId:u32,SourceThreadId:u32,SourceImage:s,"
             "TargetProcessGUID:g,"
             "TargetProcessId:u32,TargetImage:s,GrantedAccess:x32,CallTrace:s,SourceUser:s,"
             "TargetUser:s"),
    SYS(11, 2, RULE "," PROC ",TargetFilename:s,CreationUtcTime:t,User:s"),
    SYS(12, 2, "RuleName:s,EventType:s=CreateKey,UtcTime:t," PROC ",TargetObject:s,User:s"),
    SYS(13, 2,
        "RuleName:s,EventType:s=SetValue,UtcTime:t," PROC ",TargetObject:s,Details:s,User:s"),
    SYS(14, 2,
        "RuleName:s,EventType:s=RenameKey,UtcTime:t," PROC ",TargetObject:s,NewName:s,User:s"),
    SYS(15, 2, RULE "," PROC ",TargetFilename:s,CreationUtcTime:t,Hash:s,Contents:s,User:s"),
    SYS(16, 3, "UtcTime:t,Configuration:s,ConfigurationFileHash:s"),
    SYS(17, 1,
        "RuleName:s,EventType:s=CreatePipe,UtcTime:t,ProcessGuid:g,ProcessId:u32,PipeName:s,Image:"
        "s,User:s"),
    SYS(18, 1,
        "RuleName:s,EventType:s=ConnectPipe,UtcTime:t,ProcessGuid:g,ProcessId:u32,PipeName:s,Image:"
        "s,User:s"),
    SYS(19, 3,
        "RuleName:s,EventType:s=WmiFilterEvent,UtcTime:t,Operation:s=Created,User:s,EventNamespace:"
        "s,Name:s,Query:s"),
    SYS(20, 3,
        "RuleName:s,EventType:s=WmiConsumerEvent,UtcTime:t,Operation:s=Created,User:s,Name:s,Type:"
        "s,Destination:s"),
    SYS(21, 3,
        "RuleName:s,EventType:s=WmiBindingEvent,UtcTime:t,Operation:s=Created,User:s,Consumer:s,"
        "Filter:s"),
    SYS(22, 5,
        RULE
        ",ProcessGuid:g,ProcessId:u32,QueryName:s,QueryStatus:s=0,QueryResults:s,Image:s,User:s"),
    SYS(23, 5,
        RULE ",ProcessGuid:g,ProcessId:u32,User:s,Image:s,TargetFilename:s,Hashes:s,IsExecutable:b,"
             "Archived:s=true"),
    SYS(24, 5, RULE "," PROC ",Session:u32=1,ClientInfo:s,Hashes:s,Archived:s=true,User:s"),
    SYS(25, 5, RULE "," PROC ",Type:s=Image is replaced,User:s"),
    SYS(26, 5,
        RULE
        ",ProcessGuid:g,ProcessId:u32,User:s,Image:s,TargetFilename:s,Hashes:s,IsExecutable:b"),
    SYS(27, 5, RULE ",ProcessGuid:g,ProcessId:u32,User:s,Image:s,TargetFilename:s,Hashes:s"),
    SYS(28, 5,
        RULE
        ",ProcessGuid:g,ProcessId:u32,User:s,Image:s,TargetFilename:s,Hashes:s,IsExecutable:b"),
    SYS(29, 5, RULE ",ProcessGuid:g,ProcessId:u32,User:s,Image:s,TargetFilename:s,Hashes:s"),
    D(SYSMON, 255, 3, 2, 255, 0, STD, "UtcTime:t,ID:s,Description:s"),

    // System
    SVC(7000, 2, "param1:s,param2:s,Binary:bin"),
    SVC(7001, 2, "param1:s,param2:s,param3:s,Binary:bin"),
    SVC(7009, 2, "param1:s=30000,param2:s,Binary:bin"),
    SVC(7023, 2, "param1:s,param2:s,Binary:bin"),
    SVC(7031, 2,
        "param1:s,param2:s=1,param3:s=60000,param4:s=1,param5:s=Restart the service,Binary:bin"),
    SVC(7034, 2, "param1:s,param2:s=1,Binary:bin"),
    SVC(7036, 4, "param1:s,param2:s=running,Binary:bin"),
    SVC(7040, 4, "param1:s,param2:s=demand start,param3:s=auto start,param4:s"),
    SVC(7045, 4,
        "ServiceName:s,ImagePath:s,ServiceType:s=user mode service,StartType:s=demand "
        "start,AccountName:s=LocalSystem"),
    C("EventLog", 6005, 4, 0),
    C("EventLog", 6006, 4, 0),
    C("EventLog", 6008, 2, 0),
    C("EventLog", 6009, 4, 0),
    C("EventLog", 6013, 4, 0),
    D("User32", 1074, 0, 4, 0, 0, 0x8080000000000000ull,
      "param1:s,param2:s,param3:s=Other "
      "(Planned),param4:s=0x85000000,param5:s=restart,param6:e,param7:s"),
    D(KERNEL, 1, 1, 4, 5, 0, 0x8000000000000010ull, "NewTime:ft,OldTime:ft,Reason:u32"),
    D(KERNEL, 12, 0, 4, 1, 0, 0x8000000000000080ull,
      "MajorVersion:u32=10,MinorVersion:u32,BuildVersion:u32=19045,QfeVersion:u32=4412,"
      "ServiceVersion:u16,"
      "BootMode:u32,StartTime:ft"),
    D(KERNEL, 13, 0, 4, 2, 0, 0x8000000000000080ull, "StopTime:ft"),
    D(KERNEL, 16, 0, 4, 0, 0, STD, "HiveNameLength:u16,HiveName:s,KeysUpdated:u32,DirtyPages:u32"),
    D("Microsoft-Windows-Kernel-Boot", 20, 1, 4, 31, 0, STD,
      "LastShutdownGood:b=true,LastBootGood:b=true,LastBootId:u32,BootStatusPolicy:u32"),
    D("Microsoft-Windows-Kernel-Boot", 25, 0, 4, 32, 0, STD, "BootMenuPolicy:u32=1"),
    D(POWER, 41, 9, 1, 63, 0, 0x8000400000000002ull,
      "BugcheckCode:u32,BugcheckParameter1:x64,BugcheckParameter2:x64,BugcheckParameter3:x64,"
      "BugcheckParameter4:x64,"
      "SleepInProgress:u32,PowerButtonTimestamp:u64,BootAppStatus:u32,Checkpoint:u8,"
      "ConnectedStandbyInProgress:b,"
      "SystemSleepTransitionsToOn:u32,CsEntryScenarioInstanceId:u8,BugcheckInfoFromEFI:b,"
      "CheckpointStatus:u8"),
    D(POWER, 42, 3, 4, 64, 0, 0x8000000000000404ull,
      "TargetState:u32=4,EffectiveState:u32=4,Reason:u32=7,Flags:u32,TransitionsToOn:u32"),
    D(POWER, 107, 1, 4, 102, 0, 0x8000000000000404ull,
      "TargetState:u32=4,EffectiveState:u32=4,WakeFromState:u32=4,ProgrammedWakeTimeAc:ft,"
      "ProgrammedWakeTimeDc:ft,"
      "WakeRequesterTypeAc:u32,WakeRequesterTypeDc:u32"),
    D(POWER, 109, 0, 4, 103, 0, 0x8000000000000404ull,
      "ShutdownActionType:u32=6,ShutdownEventCode:u32,ShutdownReason:u32=5"),
    D(POWER, 172, 0, 4, 203, 0, 0x8000000000000404ull, "State:u32=1,Reason:u32=6"),
    D(LOGON, 7001, 0, 4, 1101, 0, 0x2000200000000000ull, "TSId:u32=1,UserSid:sid"),
    D(LOGON, 7002, 0, 4, 1102, 0, 0x2000200000000000ull, "TSId:u32=1,UserSid:sid"),
    D(TIMESVC, 35, 0, 4, 0, 0, STD, "TimeSource:s,TimeSourceRefId:u32,CurrentStratumNumber:u32=4"),
    D(TIMESVC, 37, 0, 4, 0, 0, STD, "TimeSource:s"),
    D(TIMESVC, 134, 0, 3, 0, 0, STD, "ErrorMessage:s,RetryMinutes:u32=15,DomainPeer:s"),
    D(TIMESVC, 52, 0, 3, 0, 0, STD, "TimeOffsetSeconds:i64"),
    D(UPDATE, 19, 1, 4, 1, 13, 0x8000000000000018ull,
      "updateTitle:s,updateGuid:g,updateRevisionNumber:u32=200,serviceGuid:g"),
    D(UPDATE, 20, 1, 2, 1, 13, 0x8000000000000028ull,
      "errorCode:x32=0x80240017,updateTitle:s,updateGuid:g,updateRevisionNumber:u32=200,"
      "serviceGuid:g"),
    D(UPDATE, 43, 1, 4, 1, 13, 0x8000000000002008ull,
      "updateTitle:s,updateGuid:g,updateRevisionNumber:u32=200"),
    D(UPDATE, 44, 1, 4, 1, 12, 0x8000000000002004ull,
      "updateTitle:s,updateGuid:g,updateRevisionNumber:u32=200"),
    D(POLICY, 1500, 0, 4, 0, 1, STD,
      "SupportInfo1:u32=1,SupportInfo2:u32=4251,ProcessingMode:u32,ProcessingTimeInMilliseconds:"
      "u32=593,DCName:s"),
    D(POLICY, 1501, 0, 4, 0, 1, STD,
      "SupportInfo1:u32=1,SupportInfo2:u32=4251,ProcessingMode:u32,ProcessingTimeInMilliseconds:"
      "u32=250,DCName:s"),
    D(POLICY, 1502, 0, 4, 0, 1, STD,
      "SupportInfo1:u32=1,SupportInfo2:u32=4251,ProcessingMode:u32,ProcessingTimeInMilliseconds:"
      "u32=2093,DCName:s,NumberOfGroupPolicyObjects:u32=3"),
    D(POLICY, 1503, 0, 4, 0, 1, STD,
      "SupportInfo1:u32=1,SupportInfo2:u32=4251,ProcessingMode:u32,ProcessingTimeInMilliseconds:"
      "u32=1750,DCName:s,NumberOfGroupPolicyObjects:u32=3"),
    D("Microsoft-Windows-DistributedCOM", 10016, 0, 3, 0, 0, 0x8080000000000000ull,
      "param1:s=application-specific,param2:s=Local,param3:s=Activation,param4:s,param5:s,param6:s,"
      "param7:s,param8:s,"
      "param9:s=LocalHost (Using LRPC),param10:s=Unavailable,param11:s=Unavailable"),
    D("Microsoft-Windows-Ntfs", 98, 0, 4, 0, 0, STD,
      "DriveName:s=C:,DeviceName:s=\\Device\\HarddiskVolume3,CorruptionState:u32"),
    U(PNP, 20001, 4, 7005, STD, NULL,
      "InstallDeviceID http://manifests.microsoft.com/win/2004/08/windows/userpnp",
      "DriverName:s,DriverVersion:s,DriverProvider:s,DeviceInstanceID:s,SetupClass:g,RebootOption:"
      "b,UpgradeDevice:b,"
      "IsDriverOEM:b=true,InstallStatus:x32,DriverDescription:s"),
    U(PNP, 20003, 4, 7005, STD, NULL,
      "AddServiceID http://manifests.microsoft.com/win/2004/08/windows/userpnp",
      "ServiceName:s,DriverFileName:s,DeviceInstanceID:s,PrimaryService:b=true,UpdateService:b,"
      "AddServiceStatus:u32"),

    // PowerShell
    D(PS, 4100, 1, 3, 106, 19, 0, "ContextInfo:s,UserData:e,Payload:s"),
    D(PS, 4103, 1, 4, 106, 20, 0, "ContextInfo:s,UserData:e,Payload:s"),
    D(PS, 4104, 1, 5, 2, 15, 0,
      "MessageNumber:i32=1,MessageTotal:i32=1,ScriptBlockText:s,ScriptBlockId:s,Path:e"),
    D(PS, 40961, 1, 4, 4, 1, 0, ""),
    D(PS, 40962, 1, 4, 4, 2, 0, ""),
    D(PS, 53504, 1, 4, 111, 10, 0, "param1:s,param2:s=DefaultAppDomain"),
    C("PowerShell", 400, 4, 4),
    C("PowerShell", 403, 4, 4),
    C("PowerShell", 600, 4, 6),
    C("PowerShell", 800, 4, 8),

    // Task Scheduler
    D(TASKS, 100, 0, 4, 100, 1, STD, "TaskName:s,UserContext:s,InstanceId:g"),
    D(TASKS, 101, 0, 2, 101, 101, STD, "TaskName:s,UserContext:s,ResultCode:u32=2147942667"),
    D(TASKS, 102, 0, 4, 102, 2, STD, "TaskName:s,UserContext:s,InstanceId:g"),
    D(TASKS, 103, 0, 2, 103, 103, STD, "TaskName:s,UserContext:s,InstanceId:g,ResultCode:u32"),
    D(TASKS, 106, 0, 4, 106, 0, STD, "TaskName:s,UserContext:s"),
    D(TASKS, 107, 0, 4, 107, 0, STD, "TaskName:s,InstanceId:g"),
    D(TASKS, 108, 0, 4, 108, 0, STD, "TaskName:s,InstanceId:g"),
    D(TASKS, 110, 0, 4, 110, 0, STD, "TaskName:s,InstanceId:g,UserContext:s"),
    D(TASKS, 118, 0, 4, 118, 0, STD, "TaskName:s,InstanceId:g"),
    D(TASKS, 119, 0, 4, 119, 0, STD, "TaskName:s,UserName:s,InstanceId:g"),
    D(TASKS, 129, 0, 4, 129, 0, STD, "TaskName:s,Path:s,ProcessID:u32,Priority:u32=16384"),
    D(TASKS, 140, 0, 4, 140, 0, STD, "TaskName:s,UserName:s"),
    D(TASKS, 141, 0, 4, 141, 0, STD, "TaskName:s,UserName:s"),
    D(TASKS, 142, 0, 4, 142, 0, STD, "TaskName:s,UserName:s"),
    D(TASKS, 200, 1, 4, 200, 1, STD, "TaskName:s,ActionName:s,TaskInstanceId:g,EnginePID:u32"),
    D(TASKS, 201, 2, 4, 201, 2, STD,
      "TaskName:s,TaskInstanceId:g,ActionName:s,ResultCode:u32,EnginePID:u32"),

    // Terminal Services
    U(LSM, 21, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "User:s,SessionID:u32=1,Address:s=LOCAL"),
    U(LSM, 22, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "User:s,SessionID:u32=1,Address:s=LOCAL"),
    U(LSM, 23, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS", "User:s,SessionID:u32=1"),
    U(LSM, 24, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "User:s,SessionID:u32=1,Address:s=LOCAL"),
    U(LSM, 25, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "User:s,SessionID:u32=1,Address:s=LOCAL"),
    U(LSM, 39, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "TargetSession:u32=1,Source:u32=1"),
    U(LSM, 40, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS", "Session:u32=1,Reason:u32"),
    U(LSM, 41, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS", "User:s,SessionID:u32=1"),
    U(LSM, 42, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS", "User:s,SessionID:u32=1"),
    U(RCM, 261, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS", "listenerName:s=RDP-Tcp"),
    U(RCM, 1149, 4, 0, 0x1000000000000000ull, NULL, "EventXML Event_NS",
      "Param1:s,Param2:s,Param3:s"),

    // Microsoft Defender
    DEF(1000, 4,
        PRODUCT ",Scan ID:s,Scan Type Index:s=1,Scan Type:s=%%802,Scan Parameters Index:s=1,Scan "
                "Parameters:s=%%849,"
                "Domain:s,User:s,SID:s,Scan Resources:e"),
    DEF(1001, 4,
        PRODUCT
        ",Scan ID:s,Scan Type Index:s=1,Scan Type:s=%%802,Scan Parameters Index:s=1,Scan "
        "Parameters:s=%%849,"
        "Domain:s,User:s,SID:s,Scan Time Hours:s=00,Scan Time Minutes:s=03,Scan Time Seconds:s=41"),
    DEF(1013, 4, PRODUCT ",Domain:s,User:s,SID:s,Timestamp:s"),
    DEF(1116, 3, THREAT),
    DEF(1117, 4, THREAT),
    DEF(1118, 3, THREAT),
    DEF(1119, 2, THREAT),
    DEF(1150, 4,
        PRODUCT ",Platform version:s,Unused:e,Unused2:e,Engine version:s,Unused3:e,Security "
                "intelligence version:s"),
    DEF(2000, 4,
        PRODUCT ",Current security intelligence Version:s,Previous security intelligence "
                "Version:s,Domain:s=NT AUTHORITY,"
                "User:s=SYSTEM,SID:s=S-1-5-18,Security intelligence Type Index:s=1,Security "
                "intelligence Type:s=%%800,"
                "Update Type Index:s=2,Update Type:s=%%803,Current Engine Version:s,Previous "
                "Engine Version:s"),
    DEF(2001, 2,
        PRODUCT ",Current security intelligence Version:e,Previous security intelligence "
                "Version:s,Update Source Index:s=1,"
                "Update Source:s=%%815,Security intelligence Type Index:s=1,Security intelligence "
                "Type:s=%%800,"
                "Update Type Index:s=2,Update Type:s=%%803,Domain:s=NT "
                "AUTHORITY,User:s=SYSTEM,SID:s=S-1-5-18,"
                "Current Engine Version:e,Previous Engine Version:s,Error Code:s=0x80072ee2,Error "
                "Description:s"),
    DEF(2002, 4,
        PRODUCT ",Current Engine Version:s,Previous Engine Version:s,Domain:s=NT "
                "AUTHORITY,User:s=SYSTEM,SID:s=S-1-5-18,"
                "Feature Index:s=1,Feature Name:s=%%886"),
    DEF(2010, 4, PRODUCT ",Signature Version:s,Engine Version:s"),
    DEF(5000, 4, PRODUCT),
    DEF(5001, 4, PRODUCT),
    DEF(5004, 4, PRODUCT ",Feature ID:s=%%886,Feature Name:s,Configuration:s"),
    DEF(5007, 4, PRODUCT ",Old Value:e,New Value:s"),
    DEF(5010, 4, PRODUCT),
    DEF(5012, 4, PRODUCT),
    DEF(5013, 4, PRODUCT ",Changed Type:s,Value:s"),

    // WMI, BITS, firewall, printing, installers and others
    U(WMI, 5857, 0, 0, OPS, NULL,
      "Operation_StartedOperational http://manifests.microsoft.com/win/2006/windows/WMI",
      "ProviderName:s,Code:x32,HostProcess:s=wmiprvse.exe,ProcessID:u32,ProviderPath:s"),
    U(WMI, 5858, 2, 0, OPS, NULL,
      "Operation_ClientFailure http://manifests.microsoft.com/win/2006/windows/WMI",
      "Id:s,ClientMachine:s,User:s,ClientProcessId:u32,Component:s=Unknown,Operation:s,ResultCode:"
      "x32,PossibleCause:s=Unknown"),
    U(WMI, 5860, 0, 0, OPS, NULL,
      "Operation_TemporaryEssStarted http://manifests.microsoft.com/win/2006/windows/WMI",
      "NamespaceName:s,Query:s,User:s,Processid:u32,ClientMachine:s,PossibleCause:s=Temporary"),
    U(WMI, 5861, 0, 0, OPS, NULL,
      "Operation_ESStoConsumerBinding http://manifests.microsoft.com/win/2006/windows/WMI",
      "Namespace:s,ESS:s,CONSUMER:s,PossibleCause:s"),
    D(BITS, 3, 3, 4, 0, 0, OPS,
      "jobTitle:s,jobId:g,jobOwner:s,processPath:s,processId:u32,ClientProcessStartKey:u64"),
    D(BITS, 4, 1, 4, 0, 0, OPS,
      "User:s,jobTitle:s,jobId:g,jobOwner:s,fileCount:u64=1,bytesTransferred:u64,"
      "bytesTransferredFromPeer:u64"),
    D(BITS, 59, 1, 4, 0, 1, OPS,
      "transferId:g,name:s,Id:g,url:s,peer:e,fileTime:ft,fileLength:u64,bytesTotal:u64,"
      "bytesTransferred:u64,"
      "bytesTransferredFromPeer:u64"),
    D(BITS, 60, 1, 4, 0, 2, OPS,
      "transferId:g,name:s,Id:g,url:s,peer:e,hr:u32,fileTime:ft,fileLength:u64,bytesTotal:u64,"
      "bytesTransferred:u64,"
      "proxy:e,peerProtocolFlags:u64,bytesTransferredFromPeer:u64,AdditionalInfoHr:u32,"
      "PeerContextInfo:u32,"
      "bandwidthLimit:u64,ignoreBandwidthLimitsOnLan:b"),
    D(FIREWALL, 2004, 0, 4, 0, 0, 0x8000020000000000ull,
      "RuleId:s,RuleName:s,Origin:u32=1,ApplicationPath:s,ServiceName:e,Direction:u32=1,Protocol:"
      "u32=6,LocalPorts:s=*,"
      "RemotePorts:s=*,Action:u32=3,Profiles:u32=2147483647,LocalAddresses:s=*,RemoteAddresses:s=*,"
      "RemoteMachineAuthorizationList:e,RemoteUserAuthorizationList:e,EmbeddedContext:e,Flags:u32="
      "1,Active:u32=1,"
      "EdgeTraversal:u32,LooseSourceMapped:u32,SecurityOptions:u32,ModifyingUser:sid,"
      "ModifyingApplication:s,"
      "SchemaVersion:u32=543,RuleStatus:u32=65536"),
    D(FIREWALL, 2006, 0, 4, 0, 0, 0x8000020000000000ull,
      "RuleId:s,RuleName:s,ModifyingUser:sid,ModifyingApplication:s"),
    U(PRINT, 307, 4, 26, 0x4000000000000840ull, NULL,
      "DocumentPrinted "
      "http://manifests.microsoft.com/win/2005/08/windows/printing/spooler/core/events",
      "Param1:u32,Param2:s=Print "
      "Document,Param3:s,Param4:s,Param5:s,Param6:s,Param7:u64,Param8:u32=1"),
    C("MsiInstaller", 1033, 4, 0),
    C("MsiInstaller", 1034, 4, 0),
    C("MsiInstaller", 1035, 4, 0),
    C("MsiInstaller", 1040, 4, 0),
    C("MsiInstaller", 1042, 4, 0),
    C("MsiInstaller", 11707, 4, 0),
    C("MsiInstaller", 11724, 4, 0),
    C("Application Error", 1000, 2, 100),
    C("Application Hang", 1002, 2, 101),
    C("Windows Error Reporting", 1001, 4, 0),
    C("VSS", 8224, 4, 0),
    C("ESENT", 102, 4, 1),
    C("ESENT", 103, 4, 1),
    C("ESENT", 105, 4, 1),
    C("ESENT", 216, 4, 3),
    C("ESENT", 325, 4, 1),
    C("ESENT", 326, 4, 1),
    C("ESENT", 327, 4, 1),
    D("Microsoft-Windows-DNS-Client", 1014, 0, 3, 1014, 0, 0x4000000000000000ull,
      "QueryName:s,AddressLength:u32=16,Address:bin"),
    D("Microsoft-Windows-DNS-Client", 3008, 0, 4, 0, 0, 0x8000000000000000ull,
      "QueryName:s,QueryType:u32=1,QueryOptions:u64=140737488355328,QueryStatus:u32,QueryResults:"
      "s"),
    D("Microsoft-Windows-WinRM", 6, 0, 4, 3, 1, 0x4000000000000002ull, "connection:s"),
    D("Microsoft-Windows-WinRM", 91, 0, 4, 8, 1, 0x4000000000000004ull, "resourceUri:s,shellId:s"),
    D("Microsoft-Windows-WinRM", 169, 0, 4, 7, 0, 0x4000000000000008ull,
      "username:s,authenticationMechanism:s"),
    D("Microsoft-Windows-Backup", 4, 0, 4, 0, 0, STD,
      "BackupTemplateID:g,HRESULT:u32,DetailedHRESULT:u32,ErrorMessage:e"),
    D("Microsoft-Windows-Backup", 14, 0, 4, 0, 0, STD,
      "BackupTemplateID:g,HRESULT:u32,DetailedHRESULT:u32,ErrorMessage:e"),
    D("Microsoft-Windows-Shell-Core", 9707, 0, 4, 9707, 1, 0x2000000004000000ull, "Command:s"),
    D("Microsoft-Windows-Shell-Core", 9708, 0, 4, 9707, 2, 0x2000000004000000ull,
      "Command:s,PID:u32"),
    D("Microsoft-Windows-VHDMP", 1, 0, 4, 101, 0, STD,
      "Status:x32,VhdFileName:s,VhdFile:p,VhdDiskNumber:u32,TypeString:s=Iso,Flags:u32"),
    D("Microsoft-Windows-VHDMP", 12, 1, 4, 103, 0, STD,
      "Status:x32,VhdFileName:s,VhdFile:p,VhdType:u32=1,Flags:u32,Version:u32"),
    D("Microsoft-Windows-CodeIntegrity", 3033, 0, 2, 1, 111, STD,
      "FileNameLength:u16,FileNameBuffer:s,ProcessNameLength:u16,ProcessNameBuffer:s,"
      "RequestedPolicy:u8,ValidatedPolicy:u8,Status:x32"),
    D("OpenSSH", 4, 0, 4, 0, 0, OPS, "process:s=sshd,payload:s"),
    D("Microsoft-Windows-User Profiles Service", 1531, 0, 4, 0, 0, STD, ""),
    D("Microsoft-Windows-User Profiles Service", 1532, 0, 4, 0, 0, STD, ""),
    U("Microsoft-Windows-AppLocker", 8004, 2, 0, STD, NULL,
      "RuleAndFileData http://schemas.microsoft.com/schemas/event/Microsoft.Windows/1.0.0.0",
      "PolicyNameLength:u16=3,PolicyName:s=EXE,RuleId:g,RuleNameLength:u16=1,RuleName:s,"
      "RuleSddlLength:u16=1,RuleSddl:s,"
      "TargetUser:sid,TargetProcessId:u32,FilePathLength:u16,FilePath:s,FileHashLength:u16,"
      "FileHash:bin,FqbnLength:u16,"
      "Fqbn:s,TargetLogonId:x64,FullFilePathLength:u16,FullFilePath:s"),
};

static const struct {
    const char *code;
    uint8_t type;
    const char *standard;
} TYPES[] = {
    {"s", BX_STRING, "-"},
    {"e", BX_STRING, ""},
    {"t", BX_STRING, ""},
    {"sid", BX_SID, "S-1-0-0"},
    {"u8", BX_UINT8, "0"},
    {"u16", BX_UINT16, "0"},
    {"u32", BX_UINT32, "0"},
    {"u64", BX_UINT64, "0"},
    {"i32", BX_INT32, "0"},
    {"i64", BX_INT64, "0"},
    {"x32", BX_HEX32, "0"},
    {"x64", BX_HEX64, "0"},
    {"p", BX_HEX64, "0"},
    {"b", BX_BOOL, "false"},
    {"g", BX_GUID, "00000000-0000-0000-0000-000000000000"},
    {"ft", BX_FILETIME, "1601-01-01T00:00:00Z"},
    {"bin", BX_BINARY, ""},
};

const struct known_provider *known_provider_find(struct slice name)
{
    for (size_t i = 0; i < sizeof PROVIDERS / sizeof *PROVIDERS; i++)
        if (slice_equal_str(name, PROVIDERS[i].name))
            return &PROVIDERS[i];
    return NULL;
}

const struct known_event *known_event_find(struct slice provider, uint32_t id, int version)
{
    for (size_t i = 0; i < sizeof EVENTS / sizeof *EVENTS; i++)
        if (EVENTS[i].id == id && slice_equal_str(provider, EVENTS[i].provider) &&
            (version < 0 || version == EVENTS[i].version))
            return &EVENTS[i];
    return NULL;
}

const struct known_event *known_events(size_t *count)
{
    *count = sizeof EVENTS / sizeof *EVENTS;
    return EVENTS;
}

static size_t find(struct slice s, uint8_t c)
{
    const uint8_t *p = s.len ? memchr(s.at, c, s.len) : NULL;
    return p ? (size_t)(p - s.at) : s.len;
}

bool known_field_next(struct slice *fields, struct known_field *out)
{
    if (!fields->len)
        return false;
    struct slice field = slice_sub(*fields, 0, find(*fields, ','));
    *fields = slice_sub(*fields, field.len + 1, fields->len);
    size_t colon = find(field, ':');
    struct slice rest = slice_sub(field, colon + 1, field.len);
    size_t equals = find(rest, '=');
    struct slice code = slice_sub(rest, 0, equals);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (!slice_equal_str(code, TYPES[i].code))
            continue;
        *out = (struct known_field){.name = slice_sub(field, 0, colon), .type = TYPES[i].type};
        out->standard = equals < rest.len ? slice_sub(rest, equals + 1, rest.len)
                                          : slice_from_str(TYPES[i].standard);
        out->now = slice_equal(code, SLICE("t"));
        return true;
    }
    return false;
}
