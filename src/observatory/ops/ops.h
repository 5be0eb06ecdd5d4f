// SPDX-License-Identifier: Apache-2.0
// The subcommands of vigied. Each takes its own arguments and gives the exit status: 0, or 2 when
// it could not do the job.
#ifndef VIGIE_OBSERVATORY_OPS_OPS_H
#define VIGIE_OBSERVATORY_OPS_OPS_H

int vigied_serve(int argc, char **argv);      // and --demo
int vigied_import(int argc, char **argv);     // exchange
int vigied_export(int argc, char **argv);     // exchange
int vigied_release(int argc, char **argv);    // exchange
int vigied_duplicates(int argc, char **argv); // exchange
int vigied_backup(int argc, char **argv);
int vigied_restore(int argc, char **argv);
int vigied_migrate(int argc, char **argv);
int vigied_user(int argc, char **argv);
int vigied_codebook(int argc, char **argv);
int vigied_token(int argc, char **argv);

#endif
