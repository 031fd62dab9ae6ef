#ifndef HSM_FLOW_NAMES_H
#define HSM_FLOW_NAMES_H

#include <stddef.h>

/* What a flow calls its variables, and what stands around it. The comment on top of a flow tells of all that is not
 * its own. */

/* Of the message, as hsmctl's seed has them: no public flow shows either. */
#define HSM_FLOW_MESSAGE_PAYLOAD "message.whatsapp_button_payload"
#define HSM_FLOW_MESSAGE_PARTICIPANT "participant.id"

/* Participant data. */
#define HSM_FLOW_DATA_TEMPLATE "hsm_template"
#define HSM_FLOW_DATA_LANGUAGE "hsm_language"
#define HSM_FLOW_DATA_PAYLOAD "hsm_payload"
#define HSM_FLOW_DATA_PAYLOAD_TEMPLATE "hsm_payload_template"
#define HSM_FLOW_DATA_CONTEXT "hsm_context"
#define HSM_FLOW_DATA_NOTE "hsm_note"

/* Data actions, and their category. */
#define HSM_FLOW_CATEGORY "hsmctl"
#define HSM_FLOW_ACTION_CONTEXT "hsmctl_context"
#define HSM_FLOW_ACTION_SEND "hsmctl_send"
#define HSM_FLOW_ACTION_CHANNEL "hsmctl_send_channel"
#define HSM_FLOW_PARAMETER "parameter_" /* before a parameter's name, in inputs and outputs */

/* Variables. Architect tells no case apart. */
#define HSM_FLOW_STATE_TEMPLATE "State.Template"       /* asked for: base */
#define HSM_FLOW_STATE_LANGUAGE "State.Language"
#define HSM_FLOW_STATE_PAYLOAD "State.Payload"
#define HSM_FLOW_STATE_PARTICIPANT "State.ParticipantId"
#define HSM_FLOW_STATE_SESSION "State.SessionStatus"   /* OPEN, CLOSED */
#define HSM_FLOW_STATE_CONTEXT "State.Context"
#define HSM_FLOW_STATE_USE "State.Use"                 /* the table's columns */
#define HSM_FLOW_STATE_NAME "State.TemplateName"
#define HSM_FLOW_STATE_PARAMETERS "State.Parameters"
#define HSM_FLOW_STATE_CHANNEL "State.Channel"
#define HSM_FLOW_STATE_TEXT "State.Text"
#define HSM_FLOW_STATE_ROUTE "State.RouteState"        /* the routes' table's */
#define HSM_FLOW_STATE_NOTE "State.Note"               /* why the customer comes to the default queue */
#define HSM_FLOW_STATE_PARAMETER "State.parameter_"    /* before a parameter's name: nothing above begins so */

#endif
