// libcurl as Swift can call it: curl_easy_setopt and curl_easy_getinfo are variadic,
// so each kind of argument gets a function of its own.
#ifndef CCURL_H
#define CCURL_H
#include <curl/curl.h>

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
typedef size_t (*ccurl_transfer)(char *bytes, size_t size, size_t count, void *context);
CURLcode ccurl_set_transfer(CURL *handle, CURLoption option, ccurl_transfer function);
typedef int (*ccurl_progress)(void *context, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow);
CURLcode ccurl_set_progress(CURL *handle, ccurl_progress function);
typedef int (*ccurl_seek)(void *context, curl_off_t offset, int origin);
CURLcode ccurl_set_seek(CURL *handle, ccurl_seek function);
long ccurl_status(CURL *handle);
#endif
