/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_SAL_H
#define LIBCOMM_WIN32_SAL_H

/*
 * Annotations of Microsoft's headers and samples; to the compiler they are nothing.  __in and __out
 * are names inside the C++ library, so in C++ the annotations that begin with two underscores exist
 * only if COMM_OLD_SAL is defined, and then the C++ library's headers must come first.
 */

#include <libcomm/types.h>

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(size)
#define _In_reads_opt_(size)
#define _In_reads_bytes_(size)
#define _In_reads_bytes_opt_(size)
#define _In_reads_z_(size)
#define _In_range_(low, high)
#define _Out_
#define _Out_opt_
#define _Out_writes_(size)
#define _Out_writes_opt_(size)
#define _Out_writes_z_(size)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_opt_(size)
#define _Out_writes_to_(size, count)
#define _Out_writes_to_opt_(size, count)
#define _Out_writes_bytes_to_(size, count)
#define _Out_writes_bytes_to_opt_(size, count)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _COM_Outptr_
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_updates_(size)
#define _Inout_updates_opt_(size)
#define _Inout_updates_z_(size)
#define _Inout_updates_bytes_(size)
#define _Inout_updates_bytes_opt_(size)
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Check_return_
#define _Must_inspect_result_
#define _Reserved_
#define _Success_(condition)
#define _When_(condition, annotations)
#define _At_(target, annotations)
#define _Printf_format_string_
#define _Pre_
#define _Post_
#define _Use_decl_annotations_
#define _Analysis_assume_(condition)
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define _Guarded_by_(lock)
#define _Interlocked_operand_
#define _Function_class_(name)
#define _Null_terminated_
#define _Field_size_(size)
#define _Field_size_bytes_(size)
#define _Analysis_noreturn_

#if !defined(__cplusplus) || defined(COMM_OLD_SAL)
#define __in
#define __in_opt
#define __in_z
#define __in_z_opt
#define __in_ecount(size)
#define __in_ecount_opt(size)
#define __in_bcount(size)
#define __in_bcount_opt(size)
#define __in_ecount_z(size)
#define __out
#define __out_opt
#define __out_ecount(size)
#define __out_ecount_opt(size)
#define __out_ecount_z(size)
#define __out_ecount_part(size, count)
#define __out_bcount(size)
#define __out_bcount_opt(size)
#define __out_bcount_part(size, count)
#define __out_bcount_part_opt(size, count)
#define __inout
#define __inout_opt
#define __inout_ecount(size)
#define __inout_bcount(size)
#define __inout_bcount_opt(size)
#define __deref_out
#define __deref_out_opt
#define __deref_inout
#define __reserved
#define __checkReturn
#define __success(condition)
#define __format_string
#endif

#endif
